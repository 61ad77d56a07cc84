"""A sample of the edits that `mundap mine --source perturb` makes, for people to read.

Fifty of each kind, drawn from the questions of the bundled FAQ, replace what stands under
"## Sample" in docs/negatives.md.

    python -m benchmarks.edits
"""

from pathlib import Path

import numpy as np

from mundap.chatbot.home.bundled import bundled_path
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import read_faq
from mundap.training.mining.korean_edits import EDIT_KINDS, KoreanEdits

PAGE = Path(__file__).resolve().parents[1] / "docs" / "negatives.md"
HEADING = "## Sample\n"
OF_EACH = 50


def main() -> None:
    """Draw the sample and write it into the page."""
    entries = read_faq(bundled_path("faq"))
    texts = list(dict.fromkeys(text for entry in entries for text in entry.passages))
    edits = KoreanEdits.of(texts, load_encoder("default"))
    found = sample(texts, edits)
    head = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
    PAGE.write_text(f"{head}{HEADING}\n{page(found)}", encoding="utf-8")
    print(f"{PAGE}: {sum(map(len, found.values()))} edits")


def sample(texts: list[str], edits: KoreanEdits) -> dict[str, list[tuple[str, str]]]:
    """Return for each kind OF_EACH texts, in a random order, with their edits."""
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in EDIT_KINDS}
    for row in np.random.default_rng(0).permutation(len(texts)):
        for edit in edits.edit(texts[row]):
            if len(found[edit.kind]) < OF_EACH:
                found[edit.kind].append((texts[row], edit.text))
    return found


def page(found: dict[str, list[tuple[str, str]]]) -> str:
    """Return a table for each kind."""
    tables = []
    for kind, pairs in found.items():
        rows = [f"| {number} | {a} | {b} |" for number, (a, b) in enumerate(pairs, start=1)]
        tables.append("\n".join([f"### {kind}\n", "| | text | edit |", "|---|---|---|", *rows]))
    return "\n\n".join(tables) + "\n"


if __name__ == "__main__":
    main()
