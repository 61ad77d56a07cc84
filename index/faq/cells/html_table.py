"""A table of HTML as a table of Markdown, or as lines where it is none."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

# Browsers take larger numbers for slips too.
_WIDEST = 100
_BOLD = re.compile(r"\*\*[^*]+\*\*")


class _Cell(NamedTuple):
    lines: list[str]
    columns: int
    rows: int


@dataclass(slots=True)
class HtmlTable:
    """Rows of cells as they are read."""

    has_heading: bool = False
    _rows: list[list[_Cell]] = field(default_factory=list)
    _spans: tuple[int, int] = (1, 1)

    def begin_row(self) -> None:
        """Begin a row."""
        self._rows.append([])

    def begin_cell(self, columns: str, rows: str) -> None:
        """Begin a cell that goes over so many columns and rows, as its attributes say."""
        self._spans = _span(columns), _span(rows)

    def end_cell(self, lines: list[str]) -> None:
        """Put into the last row a cell with these lines of Markdown."""
        self._rows[-1].append(_Cell(lines, *self._spans))

    def lines(self, *, plain: bool) -> list[str]:
        """Return what visitors see; with `plain`, cells parted by spaces.

        Cells that stand in one column, as where a table only frames a text, are lines as they are.
        Without a heading two columns are names and values: "전공 | 60". A first row in bold is one.
        """
        if all(len(row) <= 1 for row in self._rows):
            return [line for row in self._rows for cell in row for line in cell.lines]
        grid = self._grid()
        if plain:
            return [" ".join(filter(None, row)) for row in grid]
        width = max(map(len, grid), default=0)
        bold = bool(grid) and all(_BOLD.fullmatch(text) for text in grid[0] if text)
        if len(grid) < 2 or (width < 3 and not self.has_heading and not bold):
            return [" | ".join(filter(None, row)) for row in grid]
        full = [[*row, *[""] * (width - len(row))] for row in grid]
        names = [text.strip("*") if bold else text for text in full[0]]
        return [_line(names), _line(["---"] * width), *map(_line, full[1:])]

    def _grid(self) -> list[list[str]]:
        """Return the texts of rows; what goes over several rows stands in each."""
        below: dict[int, tuple[str, int]] = {}
        grid = []
        for row in self._rows:
            texts: list[str] = []
            for cell in row:
                _take_from_above(texts, below)
                text = " ".join(" ".join(cell.lines).split())
                for column in range(cell.columns):
                    if cell.rows > 1:
                        below[len(texts)] = (text if not column else "", cell.rows - 1)
                    texts.append(text if not column else "")
            _take_from_above(texts, below)
            if any(texts):
                grid.append(texts)
        return grid


def _take_from_above(texts: list[str], below: dict[int, tuple[str, int]]) -> None:
    while len(texts) in below:
        text, left = below.pop(len(texts))
        if left > 1:
            below[len(texts)] = text, left - 1
        texts.append(text)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _span(value: str) -> int:
    wanted = int(value) if re.fullmatch(r"\d{1,4}", value, re.ASCII) else 1
    return min(max(wanted, 1), _WIDEST)
