"""A column of a sheet, as people name it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its place from 0 and its heading, "" where it has none."""

    place: int
    heading: str

    @property
    def label(self) -> str:
        """What it is called: its heading, or its letter."""
        return repr(self.heading) if self.heading else f"column {letters(self.place)}"


def letters(place: int) -> str:
    """Return the name of a column as spreadsheets have it: A, B ... Z, AA."""
    name, place = "", place + 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
