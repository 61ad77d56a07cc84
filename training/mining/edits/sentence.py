"""A Korean sentence taken apart so that a few of its morphemes can be exchanged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mundap.index.korean.morphemes import PlacedMorpheme, join, place
from mundap.index.korean.text import clean

# Form, tag, whether a space stands before.
Part = tuple[str, str, bool]


def words(listed: str) -> frozenset[str]:
    """Return the words of a list with spaces between."""
    return frozenset(listed.split())


STEMS = frozenset({"VV", "VA", "VX", "VCP", "VCN", "XSV", "XSA"})
ENDINGS = frozenset({"EF", "EC"})
# Words that a question asks for: "얼마 안 걸려요?" is no question any more.
ASKING = words(
    "뭐 뭣 무엇 무어 어디 언제 누구 얼마 얼마나 어떻게 어떡하 어떻 어떠하 어떤 몇 며칠 무슨 "
    "어느 왜 어째서 얼만큼 얼마큼"
)
# What asks to be told: the question is the clause before it.
_ASKS_TO_BE_TOLD = words("궁금하 궁금 알리 알 여쭙 여쭈 묻 모르 확인 문의")
# Two ways to write the same: the join writes the second.
_CONTRACTED = {
    "되었": "됐",
    "하였": "했",
    "되어": "돼",
    "하여": "해",
    "주었": "줬",
    "주어": "줘",
    "보았": "봤",
    "두었": "뒀",
}
_WHETHER = ("는지", "ᆫ지", "은지", "ᆯ지", "을지")


@dataclass(frozen=True, slots=True)
class Predicate:
    """Where a predicate stands: its stem, its pre-final endings, its ending and "요" (if apart).

    Rows of the sentence's morphemes; `stop` is the row after the last of them.
    """

    stem: int
    ending: int
    stop: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A clean text and its morphemes in order."""

    text: str
    morphemes: tuple[PlacedMorpheme, ...]

    @classmethod
    def of(cls, text: str) -> "Sentence":
        """Analyse a text."""
        cleaned = clean(text)
        return cls(cleaned, tuple(place(cleaned)))

    def tag(self, row: int) -> str:
        """Return a morpheme's tag without "-I" and "-R"; "" outside of the sentence."""
        if not 0 <= row < len(self.morphemes):
            return ""
        return self.morphemes[row].tag.partition("-")[0]

    def form(self, row: int) -> str:
        """Return a morpheme's form; "" outside of the sentence."""
        return self.morphemes[row].form if 0 <= row < len(self.morphemes) else ""

    def part(self, row: int, *, spaced: bool | None = None) -> Part:
        """Return a morpheme for `join`, with a space before it as in the text or as told."""
        here = self.morphemes[row]
        starts_word = row > 0 and self.morphemes[row - 1].word != here.word
        return here.form, here.tag, starts_word if spaced is None else spaced

    def is_question(self) -> bool:
        """Whether a question mark ends it."""
        return self.text.rstrip(" ~!.ㅠㅜㅎㅋ").endswith("?")

    def asks_for_something(self, stop: int) -> bool:
        """Whether a question word stands before the row `stop`."""
        return any(morpheme.form in ASKING for morpheme in self.morphemes[:stop])

    def predicate(self) -> Predicate | None:
        """Return the predicate that the sentence turns on: the last, or the one asked about.

        In "언제 오는지 알려 주세요" that is "오는지". None for a phrase without one.
        """
        found = list(self._predicates())
        if not found or self.form(found[-1].stem) in ASKING:
            return None
        if any(self._says_more(row) for row in range(found[-1].stop, self._length)):
            return None
        asks = found[-1]
        tellers = {self.form(row) for row in range(asks.stem - 3, asks.ending)}
        for earlier in reversed(found[:-1]):
            if self.form(earlier.ending) in _WHETHER and tellers & _ASKS_TO_BE_TOLD:
                return earlier
        return asks if self.form(asks.ending) not in ("ᆫ지도", "고") else None

    def replaced(self, start: int, stop: int, parts: Sequence[Part]) -> str | None:
        """Return the text with the morphemes from `start` to `stop` exchanged for `parts`.

        The words that hold them are written anew, everything else stays as typed. None where
        the analysis does not give back the words as they are, which happens to typos.
        """
        first, last = self._word_start(start), self._word_stop(stop)
        if self._join(first, last) != _contracted(self._written(first, last)):
            return None
        before = [self.part(row) for row in range(first, start)]
        after = [self.part(row) for row in range(stop, last)]
        new = join(_unspaced_first([*before, *parts, *after]))
        begin, end = self.morphemes[first].start, self.morphemes[last - 1].end
        written = clean(f"{self.text[:begin]}{new}{self.text[end:]}")
        return written if written != self.text else None

    @property
    def _length(self) -> int:
        return len(self.morphemes)

    def _predicates(self) -> Iterator[Predicate]:
        for row in range(self._length):
            if self.tag(row) in ENDINGS:
                stem = row - 1
                while self.tag(stem) == "EP":
                    stem -= 1
                if self.tag(stem) in STEMS:
                    apart = self.form(row + 1) == "요" and self.tag(row + 1) == "JX"
                    yield Predicate(stem, row, row + 1 + apart)

    def _says_more(self, row: int) -> bool:
        """Whether a morpheme after the last predicate is more than a mark or a sigh."""
        return not self.tag(row).startswith(("S", "W_", "IC"))

    def _word_start(self, row: int) -> int:
        while row > 0 and self.morphemes[row - 1].word == self.morphemes[row].word:
            row -= 1
        while self.tag(row).startswith(("S", "W_")) and self.tag(row) not in {"SL", "SN", "SH"}:
            row += 1  # an opening bracket or quotation mark
        return row

    def _word_stop(self, stop: int) -> int:
        word = self.morphemes[stop - 1].word
        while stop < self._length and self.morphemes[stop].word == word:
            if self.tag(stop).startswith(("S", "W_")):
                break
            stop += 1
        return stop

    def _join(self, first: int, last: int) -> str:
        return join(_unspaced_first([self.part(row) for row in range(first, last)]))

    def _written(self, first: int, last: int) -> str:
        return self.text[self.morphemes[first].start : self.morphemes[last - 1].end]


def _contracted(written: str) -> str:
    for full, short in _CONTRACTED.items():
        written = written.replace(full, short)
    return written


def _unspaced_first(parts: Sequence[Part]) -> list[Part]:
    return [(form, tag, spaced and row > 0) for row, (form, tag, spaced) in enumerate(parts)]
