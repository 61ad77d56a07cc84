"""mundap (문답): answers from a list of questions and answers, or says that it does not know."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
# Installed, the rooms lie in this folder; in a checkout they lie beside it.
if not (_HERE / "index").is_dir():
    __path__.append(str(_HERE.parent))
