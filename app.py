"""python app.py: `mundap chat`, with its options."""

import sys

from mundap.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "chat")
    main()
