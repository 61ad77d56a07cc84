"""Names that no dictionary has, found in a text whatever stands around them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mundap.index.korean.particles import is_particles

# Characters; a shorter name would be found in too many words.
SHORTEST = 2
_HANGUL = re.compile(f"[가-힣]{{{SHORTEST},}}")
_LETTERS = re.compile("[0-9a-z가-힣]*")
# Letters: no particles are longer, and a text of one long word would take a while.
_LONGEST_TAIL = 8

# Where a piece starts and ends, and its tag.
Places = tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Names:
    """Words that the analyser is to take in one way, each with its pieces, in lower case.

    One piece for a name (무신사), several for a compound (토스, 뱅크). A name begins a word or has
    two letters or more before it (온라인무신사), and ends it or is followed by particles or another
    word (무신사에서, 무신사페이).
    """

    pieces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _by_start(self) -> Mapping[str, list[str]]:
        """The names that begin with the same letters, the longest first."""
        by_start: dict[str, list[str]] = {}
        for name in sorted(self.pieces, key=lambda name: (-len(name), name)):
            by_start.setdefault(name[:SHORTEST], []).append(name)
        return by_start

    def places(self, text: str) -> Places:
        """Return the pieces of all names in a clean text, in order: of two that overlap the first.

        The tag is that of a name or, of one among several pieces, that of a noun.
        """
        if not self._by_start:
            return ()
        lower = text.lower()
        if len(lower) != len(text):  # a few letters have no lower case of one character
            lower = text
        return tuple(self._pieces(lower))

    def begin(self, word: str) -> bool:
        """Whether `word` is a name, alone or with particles or another word."""
        return any(start == 0 for start, *_ in self.places(word))

    def in_hangul(self) -> "Names":
        """Return what is written in Hangul of each name: 유플러스 of LG유플러스."""
        runs = (run for name in self.pieces for run in _HANGUL.findall(name))
        return Names({run: (run,) for run in runs})

    def _pieces(self, text: str) -> Iterator[tuple[int, int, str]]:
        ends = range(SHORTEST, len(text) + 1)
        starts = [end - SHORTEST for end in ends if text[end - SHORTEST : end] in self._by_start]
        place = 0
        for start in starts:
            if start < place:  # within the name before
                continue
            place, pieces = start, self._pieces_at(text, start)
            tag = "NNP" if len(pieces) == 1 else "NNG"
            for piece in pieces:
                yield place, place + len(piece), tag
                place += len(piece)

    def _pieces_at(self, text: str, start: int) -> tuple[str, ...]:
        for name in self._by_start.get(text[start : start + SHORTEST], ()):
            if text.startswith(name, start) and _stands_alone(text, start, start + len(name)):
                return self.pieces[name]
        return ()


def _stands_alone(text: str, start: int, end: int) -> bool:
    # The last two letters before it, as far as they are of the same word.
    before = len(_LETTERS.findall(text[max(start - 2, 0) : start][::-1])[0])
    after = _LETTERS.findall(text, end, end + _LONGEST_TAIL)[0]
    if end - start == SHORTEST and (before or after):
        return not before and is_particles(after)
    # 수거장 does not stand in 수거장소, nor 신사복 in 무신사복.
    return before != 1 and (len(after) != 1 or is_particles(after))


NO_NAMES = Names()
