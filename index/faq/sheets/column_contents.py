"""What a column holds, judged by its cells: questions, answers, categories, numbers, dates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from mundap.index.tables.grid import GridRow, cell_text

_QUESTION = re.compile(
    r"[?？]['\"”’)\s]*$|(까|나요|가요|는요|은요|는지|인지|방법|절차|여부|기준|서류)[.!~\s]*$|"
    r"^(what|how|when|where|who|why|which|can|could|do|does|is|are|will|should|may)\b",
    re.IGNORECASE,
)
# An answer ends so as well.
_POLITE = re.compile(r"요[.!~\s]*$")
_SENTENCE = re.compile(r"(다|요|죠|오|함|음|임|됨)[.!~)\s]*$|[.!]\s*$")
_NUMBER = re.compile(r"[-+]?[\d,.]*\d\s*[%원건회]?")
_DATE = re.compile(
    r"\d{2,4}\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,2}\s*[일.]?([T\s].*)?|\d{1,2}:\d{2}(:\d{2})?|\d{8}"
)
_ADDRESS = re.compile(r"(https?://|www\.|/)\S*|[\w.+-]+@[\w-]+\.\S+")
_MOST = 0.8
_LONG = 40


@dataclass(frozen=True)
class ColumnContents:
    """The cells of a column that are not empty, of the rows that were looked at."""

    cells: Sequence[str]

    @classmethod
    def of(cls, rows: Iterable[GridRow], place: int) -> "ColumnContents":
        """Look at the column at a place, from 0, in some rows of a sheet."""
        cells = (cell_text(row.cells[place]) for row in rows if place < len(row.cells))
        return cls([cell for cell in cells if cell.strip()])

    @property
    def kind(self) -> str:
        """What it holds besides texts, for people; "" where it holds texts."""
        if not self.cells:
            return "empty"
        for name, pattern in {"dates": _DATE, "numbers": _NUMBER, "addresses": _ADDRESS}.items():
            if self._share(pattern, whole=True) >= _MOST:
                return name
        return ""

    @cached_property
    def questions(self) -> float:
        """The share that reads as a question."""
        polite = [
            cell for cell in self.cells if not _QUESTION.search(cell) and _POLITE.search(cell)
        ]
        return self._share(_QUESTION) + 0.4 * len(polite) / max(1, len(self.cells))

    @cached_property
    def sentences(self) -> float:
        """The share that reads as an answer: a whole sentence, or long."""
        whole = [
            cell for cell in self.cells if len(cell) >= _LONG or _SENTENCE.search(cell.strip())
        ]
        return len(whole) / max(1, len(self.cells))

    @cached_property
    def length(self) -> float:
        """The mean length in characters."""
        return sum(map(len, self.cells)) / max(1, len(self.cells))

    @cached_property
    def different(self) -> float:
        """The share of cells that stand once, counting each text once."""
        return len(set(self.cells)) / max(1, len(self.cells))

    @property
    def repeats(self) -> bool:
        """Whether it holds a few short texts over and over, as a category does."""
        few = len(self.cells) >= 4 and self.different <= 0.5
        return few and not self.kind and 1 < self.length <= 20 and len(set(self.cells)) > 1

    def _share(self, pattern: re.Pattern[str], *, whole: bool = False) -> float:
        search = pattern.fullmatch if whole else pattern.search
        found = [cell for cell in self.cells if search(cell.strip())]
        return len(found) / max(1, len(self.cells))
