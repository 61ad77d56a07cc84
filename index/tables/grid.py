"""What a file of any kind is read as: sheets of rows of cells."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple


class GridError(ValueError):
    """A file cannot be read; the message does not name it."""


class GridRow(NamedTuple):
    """One row: its number as the file counts, its cells, and why it cannot be read, if so.

    Cells are texts; JSON and Parquet keep their types, and leave out what is empty (None). `merged`
    are the places of cells that are one with the cell above, whose text they have; `links` has by
    their places where cells lead.
    """

    number: int
    cells: list[Any]
    fault: str = ""
    merged: frozenset[int] = frozenset()
    links: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet whose rows are read as they are asked for, as often as they are asked for.

    `headings` are the names that the format itself gives its columns; without, the heading is one
    of the rows or is missing. `noun` is what a row's number counts. `excuse` is what an empty cell
    may be besides empty. `separator` is what parts cells, where a
    character does; `about` how many rows there are, roughly.
    """

    rows: Callable[[], Iterator[GridRow]]
    sheet: str = ""
    headings: tuple[str, ...] | None = None
    noun: str = "row"
    hidden: bool = False
    excuse: str = ""
    separator: str = ""
    about: int = 0


@dataclass(frozen=True, slots=True)
class GridFile:
    """The sheets of a file, in their order, what kind of file it is, and what was left out."""

    kind: str
    grids: tuple[Grid, ...]
    left_out: tuple[str, ...] = ()


def cell_text(cell: object) -> str:
    """Return a cell as text, "" for an empty one; a list by its first text."""
    if isinstance(cell, (list, tuple)):
        cell = next((part for part in cell if part is not None), "")
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    return str(cell)


def is_blank(row: GridRow) -> bool:
    """Whether no cell of a row holds anything."""
    return not row.fault and not any(cell_text(cell).strip() for cell in row.cells)


def grid_of_records(
    records: Sequence[Mapping[str, Any]],
    noun: str,
    *,
    sheet: str = "",
    headings: Sequence[str] = (),
    first: int = 1,
) -> Grid:
    """Return rows that are in memory, by name, as a grid; they are numbered from `first`."""
    names = tuple(headings or dict.fromkeys(name for record in records for name in record))

    def rows() -> Iterator[GridRow]:
        for number, record in enumerate(records, start=first):
            yield GridRow(number, [record.get(name) for name in names])

    return Grid(rows, sheet, names, noun, about=len(records))
