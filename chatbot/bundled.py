"""Where the data that comes with the project lies."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled_path(name: str) -> Path:
    """Return the path of bundled data: "faq", "queries.csv" or "out_of_scope.csv".

    A wheel carries it inside this package, the repository beside it, where people read it.
    """
    inside = _PACKAGE / "data" / name
    return inside if inside.exists() else _PACKAGE.parent / "data" / name
