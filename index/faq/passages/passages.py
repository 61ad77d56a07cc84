"""The texts that are searched, in row order, and the entry each belongs to."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.copies import without_copies
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.text import clean, match_key

# Characters of an answer that are read with its question at once: some 200 pieces, and no encoder
# of ours reads more than 256.
_PART = 360
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")


@dataclass(frozen=True)
class Passages:
    """Row r of an index is `texts[r]` and belongs to `entries[owners[r]]`; no entry has a copy."""

    entries: Sequence[FaqEntry]
    texts: Sequence[str]
    owners: NDArray[np.int64]
    # Entry e has the rows from bounds[e] up to bounds[e + 1].
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, entries: Sequence[FaqEntry]) -> "Passages":
        """List the passages of every entry, a text once per entry."""
        return cls._listed(without_copies(entries), lambda entry: entry.passages)

    @classmethod
    def of_each(cls, entries: Sequence[FaqEntry]) -> "Passages":
        """Do what `of` does with some entries of a FAQ, copies or not."""
        return cls._listed(entries, lambda entry: entry.passages)

    @classmethod
    def with_answers(cls, entries: Sequence[FaqEntry]) -> "Passages":
        """List what each entry says: its question with its answer, a long answer in parts."""
        return cls._listed(without_copies(entries), _with_answer)

    @classmethod
    def _listed(
        cls, entries: Sequence[FaqEntry], texts_of: Callable[[FaqEntry], Sequence[str]]
    ) -> "Passages":
        texts: list[str] = []
        owners: list[int] = []
        bounds = [0]
        for owner, entry in enumerate(entries):
            different = different_texts(texts_of(entry))
            texts.extend(different)
            owners.extend([owner] * len(different))
            bounds.append(len(texts))
        places = (np.array(numbers, dtype=np.int64) for numbers in (owners, bounds))
        return cls(tuple(entries), tuple(texts), *places)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def categories(self) -> Sequence[str]:
        """The category of each row's entry."""
        return [self.entries[owner].category for owner in self.owners.tolist()]

    @property
    def category_names(self) -> list[str]:
        """The different categories in their order, without the one that says nothing."""
        return list(dict.fromkeys(entry.category for entry in self.entries if entry.category))

    @property
    def places(self) -> Sequence[int]:
        """The places of all entries, ascending."""
        return range(len(self.entries))

    def places_of(self, category: str) -> Sequence[int]:
        """Return the places of the entries of a category, ascending."""
        found: list[int] = self.has_category(category).nonzero()[0].tolist()
        return found

    def find(self, entry_id: str) -> FaqEntry | None:
        """Return the entry of an id; None where there is none."""
        return next((entry for entry in self.entries if entry.entry_id == entry_id), None)

    def examples(self, count: int) -> list[FaqEntry]:
        """Return so many entries, or all: the first of each category, then others."""
        first = {entry.category: entry for entry in reversed(self.entries)}
        leading = [entry for entry in self.entries if first[entry.category] is entry]
        others = (entry for entry in self.entries if first[entry.category] is not entry)
        return [*leading, *others][:count]

    def has_category(self, category: str) -> NDArray[np.bool_]:
        """Return whether each entry has `category`, shape (entries,)."""
        codes, code_of = self._categories
        found: NDArray[np.bool_] = codes == code_of.get(category, -1)
        return found

    @cached_property
    def _categories(self) -> tuple[NDArray[np.int32], dict[str, int]]:
        """A number for the category of each entry, and the number of each category."""
        code_of: dict[str, int] = {}
        codes = [code_of.setdefault(entry.category, len(code_of)) for entry in self.entries]
        return np.array(codes, dtype=np.int32), code_of

    @cached_property
    def english(self) -> NDArray[np.bool_] | None:
        """Whether each row is the English question of its entry, (passages,); None: none is."""
        texts = {owner: _english(e) for owner, e in enumerate(self.entries) if e.question_en}
        if not any(texts.values()):
            return None
        rows = zip(self.owners.tolist(), self.texts, strict=True)
        return np.array([texts.get(owner) == text for owner, text in rows])

    @property
    def phrasings(self) -> float:
        """How many phrasings an entry has on average; its question in English is no other one."""
        count = len(self) - (0 if self.english is None else int(self.english.sum()))
        return max(1.0, count / max(1, len(self.entries)))

    def sizes_of(self, owners: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many rows the entries at these places have."""
        sizes: NDArray[np.int64] = self.bounds[owners + 1] - self.bounds[owners]
        return sizes

    @cached_property
    def most(self) -> int:
        """The most rows that an entry has."""
        return int(np.diff(self.bounds).max(initial=1))

    def rows_and_starts(
        self, owners: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of the entries at these places, and where each entry's begin."""
        sizes = self.sizes_of(owners)
        return self.rows_of(owners), np.cumsum(sizes) - sizes

    def rows_of(self, owners: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of the entries at these places, entry by entry."""
        sizes = self.sizes_of(owners)
        ends = np.cumsum(sizes)
        # Counted on from the first row of each entry.
        first = np.repeat(self.bounds[owners] - (ends - sizes), sizes)
        return first + np.arange(len(first))

    def best_row(self, owner: int, scores: NDArray[np.float32]) -> int:
        """Return an entry's row with the best of `scores`, (passages,); of equals the first."""
        first, end = self.bounds[owner], self.bounds[owner + 1]
        return int(first + scores[first:end].argmax())

    def kept(self, rows: NDArray[np.bool_]) -> "Passages":
        """Return the passages that `rows`, shape (passages,), names, with their entries."""
        owners, renumbered = np.unique(self.owners[rows], return_inverse=True)
        texts = tuple(text for text, keep in zip(self.texts, rows, strict=True) if keep)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(renumbered))]).astype(np.int64)
        entries = tuple(self.entries[owner] for owner in owners)
        return Passages(entries, texts, renumbered.astype(np.int64), bounds)


def different_texts(texts: Sequence[str]) -> list[str]:
    """Return the texts that are searched of one entry, clean, each once."""
    different: dict[str, str] = {}
    for text in texts:
        different.setdefault(match_key(text), clean(text))
    return list(different.values())


def is_english(entry: FaqEntry, text: str) -> bool:
    """Whether one of the texts of an entry is its English question, and no phrasing too."""
    return bool(entry.question_en) and _english(entry) == text


def _with_answer(entry: FaqEntry) -> list[str]:
    korean = [f"{entry.question} {part}" for part in _parts(entry.answer)]
    question = entry.question_en or entry.question
    return korean + [f"{question} {part}" for part in _parts(entry.answer_en)]


def _english(entry: FaqEntry) -> str | None:
    """Return the English question as it is searched; None where it is a phrasing, too."""
    known = {match_key(text) for text in entry.phrasings}
    return None if match_key(entry.question_en) in known else clean(entry.question_en)


def _parts(text: str) -> Iterator[str]:
    """Yield a text in parts of whole sentences; what no sentence ends is cut where it must be."""
    part = ""
    for sentence in _SENTENCE.split(text):
        for piece in (sentence[at : at + _PART] for at in range(0, len(sentence), _PART)):
            if part and len(part) + len(piece) >= _PART:
                yield part
                part = ""
            part = f"{part} {piece}" if part else piece
    if part:
        yield part
