"""Retrieval accuracy as a table for the terminal."""

from collections.abc import Mapping

from rich.table import Table

from mundap.evaluation.retrieval import RetrievalFigures
from mundap.evaluation.statistics.bootstrap import Estimate


def accuracy_table(figures: Mapping[str, RetrievalFigures]) -> Table:
    """Return a terminal table: a row for each system, a column for each measure."""
    first = next(iter(figures.values()))
    table = Table(
        title="Retrieval accuracy",
        caption=f"{len(first.per_query):,} queries of {first.clusters:,} entries; "
        "95% intervals, clustered by entry",
    )
    table.add_column("system")
    for name in first.means:
        table.add_column(name, justify="right")
    for system, found in figures.items():
        table.add_row(system, *map(_cell, found.means.values()))
    return table


def _cell(value: Estimate) -> str:
    return f"{_short(value.mean)} [{_short(value.low)}, {_short(value.high)}]".replace("[", "\\[")


def _short(value: float) -> str:
    """Write .946 for 0.9459; 1.00 keeps its one."""
    return f"{value:.3f}".removeprefix("0") if value < 0.9995 else "1.00"
