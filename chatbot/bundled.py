"""Where the data that comes with the project lies."""

from pathlib import Path

from index.table import read_table

_PACKAGE = Path(__file__).resolve().parent


def bundled_path(name: str) -> Path:
    """Return the path of bundled data: "faq", "queries.csv" or "out_of_scope.csv".

    A wheel carries it inside this package, the repository beside it, where people read it.
    """
    inside = _PACKAGE / "data" / name
    return inside if inside.exists() else _PACKAGE.parent / "data" / name


def bundled_far_queries() -> list[str]:
    """Return bundled queries that hardly any FAQ answers: general knowledge, keyboard mash, ...

    They stand in where an owner has not collected queries beside the point.
    """
    rows = read_table(bundled_path("out_of_scope.csv")).to_dict(orient="records")
    return [row["query"] for row in rows if row["kind"] == "far"]
