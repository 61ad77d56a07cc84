"""Where the data that comes with the project lies."""

from pathlib import Path

from index.table import read_table

_PACKAGE = Path(__file__).resolve().parent


def bundled_path(name: str) -> Path:
    """Return the path of bundled data: "faq" or the name of one of the CSV files beside it.

    The `development_` files are fitted on; queries.csv and out_of_scope.csv are for tests.
    A wheel carries them inside this package, the repository beside it, where people read them.
    """
    inside = _PACKAGE / "data" / name
    return inside if inside.exists() else _PACKAGE.parent / "data" / name


def bundled_far_queries() -> list[str]:
    """Return bundled queries that hardly any FAQ answers: general knowledge, keyboard mash, ...

    They stand in where an owner has not collected queries beside the point.
    """
    rows = read_table(bundled_path("development_out_of_scope.csv")).to_dict(orient="records")
    return [row["query"] for row in rows if row["kind"] == "far"]
