"""Words one wrong key away from a typed one, found by what is left without any one key."""

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mundap.index.korean.keyboard import to_keys

_CONSONANTS = frozenset("qwertasdfgzxcvQWERT")
# Keys of the shortest and the longest word that is looked for: shorter ones are one key from
# too many others.
_SHORTEST, _LONGEST = 4, 16


class NearWords:
    """Finds words of a list at most one key from the beginning of a typed word.

    One key: another one, one too many, one missing, or two swapped. Each word and what it
    leaves without one key are held as sorted hashes of 32 bits, with the row of the word.
    """

    def __init__(
        self, words: Sequence[str], hashes: NDArray[np.uint32], owners: NDArray[np.uint32]
    ) -> None:
        self._words = words
        self.hashes = hashes
        self.owners = owners

    @classmethod
    def of(cls, words: Sequence[str]) -> "NearWords":
        """Index `words` but those of too few or too many keys."""
        keys = [to_keys(word) for word in words]
        pairs = sorted(
            (number, row)
            for row, typed in enumerate(keys)
            if _SHORTEST <= len(typed) <= _LONGEST
            for number in set(_hashes(typed))
        )
        table = np.array(pairs, dtype=np.uint32).reshape(-1, 2)
        return cls(words, table[:, 0].copy(), table[:, 1].copy())

    def beginning(self, keys: str) -> list[tuple[str, str]]:
        """Return (word, keys after it) for each word one key from what `keys` begin with."""
        sought = [(number, end) for end in _ends(keys) for number in _hashes(keys[:end])]
        numbers = np.array([number for number, _ in sought], dtype=np.uint32)
        firsts = np.searchsorted(self.hashes, numbers, "left")
        lasts = np.searchsorted(self.hashes, numbers, "right")
        found = {
            (self._words[row], keys[sought[at][1] :]): keys[: sought[at][1]]
            for at in np.flatnonzero(lasts > firsts)
            for row in self.owners[firsts[at] : lasts[at]].tolist()
        }
        return [pair for pair, typed in found.items() if one_key_apart(typed, to_keys(pair[0]))]

    def whole(self, keys: str) -> list[str]:
        """Return each word one key from `keys`."""
        return [word for word, rest in self.beginning(keys) if not rest]


def one_key_apart(one: str, other: str) -> bool:
    """Whether exactly one key was changed, added, left out or swapped with the next."""
    pairs = zip(one, other, strict=False)
    shared = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    a, b = one[shared:], other[shared:]
    if len(a) == len(b):
        return a != b and (a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:]))
    return a[1:] == b or a == b[1:]


def _ends(keys: str) -> Iterator[int]:
    """Yield where a word may end: before a consonant, or where the keys do."""
    for end in range(_SHORTEST - 1, min(len(keys), _LONGEST + 1) + 1):
        if end == len(keys) or keys[end] in _CONSONANTS:
            yield end


def _hashes(keys: str) -> Iterator[int]:
    raw = keys.encode()
    yield zlib.crc32(raw)
    for at in range(len(raw)):
        yield zlib.crc32(raw[:at] + raw[at + 1 :])
