"""Where the data that comes with the project lies."""

from pathlib import Path

from mundap.index.tables.table import read_table

_DATA = Path(__file__).resolve().parents[2] / "data"


def bundled_path(name: str) -> Path:
    """Return the path of bundled data: "faq" or the name of one of the CSV files beside it.

    The `development_` files are fitted on; queries.csv and out_of_scope.csv are for tests."""
    return _DATA / name


def bundled_far_queries() -> list[str]:
    """Return bundled queries that hardly any FAQ answers: general knowledge, keyboard mash, ...

    They stand in where an owner has not collected queries beside the point.
    """
    rows = read_table(bundled_path("development_out_of_scope.csv")).rows
    return [row["query"] for row in rows if row["kind"] == "far"]
