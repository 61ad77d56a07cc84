"""The heading row of a sheet, among the first rows that hold something."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from mundap.index.faq.cells.mojibake import mended
from mundap.index.faq.sheets.column_contents import ColumnContents
from mundap.index.faq.sheets.headings import heading_key, heading_role
from mundap.index.tables.grid import Grid, GridRow, cell_text, is_blank

# Rows that are looked at to tell what columns hold.
_LOOKED_AT = 200
# Rows that hold something among which the heading is.
_HEADING_ROWS = 20
# A longer cell is a sentence, and of a heading that an option names no sentence is so long.
_SHORT, _NAMED = 30, 60


class HeadingError(ValueError):
    """No row can be read, or the one said to be the heading; the message names no file."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The names of the columns, "" where one has none, and the rows below.

    `number` is that of the heading row, None where the file names its columns or none has a name.
    """

    number: int | None
    names: tuple[str, ...]
    below: Sequence[GridRow]

    @classmethod
    def find(
        cls,
        grid: Grid,
        rows: Sequence[GridRow],
        *,
        number: int | None,
        named: Sequence[str],
    ) -> "Heading":
        """Look through the first rows; `number` and `named` say which row it is, where known.

        Raises HeadingError where `number` is that of no row.
        """
        if grid.headings is not None:
            return cls(None, tuple(name.strip() for name in grid.headings), rows)
        if number == 0:
            return cls._without(grid, rows)
        if number is not None:
            at = next((at for at, row in enumerate(rows) if row.number == number), None)
            if at is None:
                last = max((row.number for row in rows), default=0)
                raise HeadingError(
                    f"row {number}, named with --header-row, is empty or not among the first {last}"
                )
            return cls._at(grid, rows, at)
        scores = [_score(row, named) for row in rows[:_HEADING_ROWS]]
        best = max(scores, default=0.0)
        if best > 0:
            return cls._at(grid, rows, scores.index(best))
        return cls._at(grid, rows, 0) if _names_columns(rows[0]) else cls._without(grid, rows)

    @classmethod
    def _at(cls, grid: Grid, rows: Sequence[GridRow], place: int) -> "Heading":
        names = [" ".join(mended(cell_text(cell)).split()) for cell in rows[place].cells]
        below = rows[place + 1 :]
        # Where a character parts cells, more of them than headings are one without quotes.
        widths = [] if grid.separator else [len(row.cells) for row in below]
        names += [""] * (max([len(names), *widths]) - len(names))
        return cls(rows[place].number, tuple(names), below)

    @classmethod
    def _without(cls, grid: Grid, rows: Sequence[GridRow]) -> "Heading":
        widths = sorted(len(row.cells) for row in rows)
        width = widths[len(widths) // 2] if grid.separator else widths[-1]
        return cls(None, ("",) * width, rows)


def first_rows(grid: Grid) -> list[GridRow]:
    """Return the rows that tell what columns hold. Raises HeadingError where none can be read."""
    filled = list(islice((row for row in grid.rows() if not is_blank(row)), _LOOKED_AT))
    rows = [row for row in filled if not row.fault]
    if filled and not rows:
        raise HeadingError(
            f"none of the first {len(filled)} {grid.noun}s can be read; of {grid.noun} "
            f"{filled[0].number}, {filled[0].fault}"
        )
    return rows


def _score(row: GridRow, named: Sequence[str]) -> float:
    """Return how much a row looks like a heading: it names a question and an answer column."""
    names = [mended(cell_text(cell)).strip() for cell in row.cells]
    keys = {heading_key(name) for name in names if name and len(name) <= _NAMED}
    if named and all(heading_key(name) in keys for name in named):
        return 100.0
    roles: dict[str, int] = {}
    for name in names:
        if name and (found := heading_role(name)):
            roles[found.role] = max(roles.get(found.role, 0), found.strength)
    if {"question", "answer"} <= set(roles):
        return 10.0 + sum(roles.values())
    # Half a heading counts where nothing in the row is a sentence.
    half = max(roles.get("question", 0), roles.get("answer", 0))
    short = all(len(name) <= _SHORT and not name.endswith(("?", "？", ".")) for name in names)
    several = sum(bool(name) for name in names) >= 2
    return half + sum(roles.values()) / 10 if half and short and several else 0.0


def _names_columns(row: GridRow) -> bool:
    """Whether a row names what lies below it: short, and unlike a question or an answer."""
    names = [cell_text(cell).strip() for cell in row.cells]
    if any(len(name) > _SHORT or name.endswith((".", "다", "요")) for name in names):
        return False
    return ColumnContents([name for name in names if name]).questions == 0
