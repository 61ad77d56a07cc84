"""A report as blocks, which HTML and Markdown each write in their own way."""

from dataclasses import dataclass
from typing import Literal

from mundap.index.languages import Language


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text. Of "figures" the first column names the row; "texts" are for reading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["figures", "texts"] = "figures"
    caption: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells for {len(self.columns)} columns: {row}.")


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, and the numbers it shows for those who cannot see it."""

    title: str
    svg: str
    numbers: Table


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that stands out, what it is, and a line below it."""

    value: str
    label: str
    note: str = ""


# A string is a paragraph; tuples stand side by side where there is room.
Block = str | Table | tuple[Chart, ...] | tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A title, a line below it, and sections; `language` is that of all our own texts."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    language: Language = "en"
