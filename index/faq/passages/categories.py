"""Which rows are of which category."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.made_sequence import MadeSequence
from mundap.index.mapped_array import mapped

NAMES_FILE = "categories.json"
_ARRAYS = ("codes", "rows", "bounds")
CATEGORY_FILES = (NAMES_FILE, *(f"category_{name}.npy" for name in _ARRAYS))


class Categories(MadeSequence[str]):
    """The category of every row, in row order.

    Row r is of `names[codes[r]]`; the rows of category c are `rows[bounds[c] : bounds[c + 1]]`,
    ascending.
    """

    def __init__(
        self, names: Sequence[str], codes: NDArray[Any], rows: NDArray[Any], bounds: NDArray[Any]
    ) -> None:
        self.names = names
        self.codes = codes
        self._rows = rows
        self._bounds = bounds
        self._code_of = {name: code for code, name in enumerate(names)}

    @classmethod
    def of(cls, categories: Sequence[str]) -> "Categories":
        """Note the rows of each of these, one for each row."""
        if isinstance(categories, cls):
            return categories
        code_of: dict[str, int] = {}
        codes = [code_of.setdefault(category, len(code_of)) for category in categories]
        return cls.of_codes([*code_of], np.array(codes, dtype=np.int32))

    @classmethod
    def of_codes(cls, names: Sequence[str], codes: NDArray[np.int32]) -> "Categories":
        """Do what `of` does where each row has the number of its category already."""
        rows = np.argsort(codes, kind="stable").astype(np.int32)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(names)))])
        return cls(names, codes, rows, bounds.astype(np.int64))

    @classmethod
    def open(cls, directory: Path) -> "Categories":
        """Map what `seal` left in `directory`; raises OSError or ValueError where it is damaged."""
        names = json.loads((directory / NAMES_FILE).read_text(encoding="utf-8"))
        arrays = (mapped(directory / name) for name in CATEGORY_FILES[1:])
        return cls(names, *arrays)

    def seal(self, directory: Path) -> None:
        """Write `CATEGORY_FILES` into `directory`; the caller makes the write durable."""
        text = json.dumps(list(self.names), ensure_ascii=False)
        (directory / NAMES_FILE).write_text(text, encoding="utf-8")
        for name, array in zip(_ARRAYS, (self.codes, self._rows, self._bounds), strict=True):
            np.save(directory / f"category_{name}.npy", array, allow_pickle=False)

    def __len__(self) -> int:
        return len(self.codes)

    def item(self, place: int) -> str:
        """Return the category of a row."""
        return self.names[int(self.codes[place])]

    def code_of(self, category: str) -> int:
        """Return the number of a category; -1 where no row has it."""
        return self._code_of.get(category, -1)

    def rows_of(self, category: str) -> NDArray[np.int64]:
        """Return the rows of a category, ascending; none where no row has it."""
        code = self.code_of(category)
        if code < 0:
            return np.empty(0, np.int64)
        return self._rows[self._bounds[code] : self._bounds[code + 1]].astype(np.int64)
