"""What the words of one text may be names of, as the analyser takes them there."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from mundap.index.korean.morphemes import Morpheme, Span, analyse_and_place
from mundap.index.korean.names import SHORTEST
from mundap.index.korean.particles import is_tail

WORD = re.compile("[0-9A-Za-z가-힣]+")
NOUNS = frozenset({"NNG", "NNP", "NNB", "SL", "SN", "XPN", "XSN", "XR", "SH"})
_HANGUL = re.compile("[가-힣]")
# Letters; a longer word was not written but pasted.
_LONGEST = 30
# Words of the dictionary from this id on are tried too; more usual ones are read alike.
_RARE = 30_000
# Which a noun may be made of, and what is no name though it stands like one.
_PARTS = frozenset({"NNG", "NNP", "XR", "SL"})
POINTING = frozenset({"MM", "NP", "MAG", "NR"})
# 되는지를, 받느냐에, 할까가: a question within a sentence takes particles as a noun does.
_ASKING = ("지", "냐", "까", "가", "나")
_CASES = frozenset({"JKB", "JKO", "JKG", "JKS", "JC"})

Found = tuple[Morpheme, Span]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a word may be a name with particles of, for each word of a text that may be one.

    `apart` are the words of the dictionary that stand alone in it.
    """

    stems: tuple[tuple[str, ...], ...]
    apart: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Candidates":
        """Analyse a clean text."""
        found = list(zip(*analyse_and_place(text), strict=True))
        apart = dict[str, None]()
        stems = []
        for word in WORD.finditer(text):
            inside = [
                pair for pair in found if word.start() < pair[1].end and pair[1].start < word.end()
            ]
            may_be = len(word[0]) <= _LONGEST and _HANGUL.search(word[0])
            if may_be and (here := tuple(_stems(word, inside, apart))):
                stems.append(here)
        return cls(tuple(stems), tuple(apart))


def text_key(text: str) -> str:
    """Return what a text is known by where it need not be kept itself."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def dump_candidates(texts: Mapping[str, Candidates]) -> str:
    """Return one line of JSON for each text."""
    rows = ([key, found.stems, found.apart] for key, found in texts.items())
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def load_candidates(lines: Iterable[str]) -> dict[str, Candidates]:
    """Undo `dump_candidates`."""
    rows = (json.loads(line) for line in lines)
    return {key: Candidates(tuple(map(tuple, stems)), tuple(apart)) for key, stems, apart in rows}


def _stems(word: re.Match[str], found: Sequence[Found], apart: dict[str, None]) -> Iterator[str]:
    """Yield what a word may be a name with particles of; nothing for one that is understood."""
    text, stems = word[0], []
    for end in range(1, len(text) + 1):
        stem, tail = text[:end], text[end:]
        # 무통장으 is no noun with 로.
        if not is_tail(tail, stem) or (stem[-1] == "으" and tail):
            continue
        place = word.start() + end
        inside = [pair for pair in found if pair[1].start < place]
        if _is_understood(inside, word.start(), place):
            if len(inside) == 1:
                apart[inside[0][0].form] = None
            if end >= SHORTEST and (len(inside) > 1 or inside[0][0].id >= _RARE):
                yield stem
            return
        if end >= SHORTEST and _HANGUL.search(stem) and _is_noun(inside, found, place):
            stems.append(stem)
    yield from stems


def _is_understood(found: Sequence[Found], start: int, end: int) -> bool:
    """Whether the analyser has one word, or nouns of two letters or more, from start to end."""
    if not found or found[0][1].start != start or found[-1][1].end != end:
        return False
    if not all(span.is_known for _, span in found):
        return False
    if len(found) == 1:
        return found[0][0].tag in NOUNS | POINTING
    return all(m.tag in _PARTS and span.end - span.start > 1 for m, span in found)


def _is_noun(found: Sequence[Found], word: Sequence[Found], end: int) -> bool:
    """Whether what ends there stands as a noun: without a verb, or with a case after its ending.

    야놀자에서: a verb that takes a particle as only nouns do is none.
    """
    if not any(morpheme.tag[0] in "VE" or morpheme.tag in ("XSV", "XSA") for morpheme, _ in found):
        return True
    last = found[-1][0]
    takes_case = any(span.start == end and m.tag in _CASES for m, span in word)
    return takes_case and last.tag in ("EF", "EC") and not last.form.endswith(_ASKING)
