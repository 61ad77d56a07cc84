"""What the analyser finds in a passage, for all that is built from it."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mundap.index.korean.morphemes import Span, analyse_and_place
from mundap.index.korean.names import NO_NAMES, Names

_HANGUL = re.compile("[가-힣]+")


@dataclass(frozen=True, slots=True)
class PassageWords:
    """The forms of a passage's content morphemes, and its Hangul words, each as stem and tail.

    A stem goes up to the first particle, ending or verb after it: 환불 and 은, 환불 and 되나요.
    """

    forms: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str, names: Names = NO_NAMES) -> "PassageWords":
        """Analyse a clean text."""
        morphemes, found = analyse_and_place(text, names)
        forms = (morpheme.form for morpheme in morphemes if morpheme.is_content)
        return cls(tuple(forms), tuple(_parts(text, found)))


def dump_words(words: Iterable[PassageWords]) -> str:
    """Return one line of JSON for each passage."""
    return "".join(json.dumps([w.forms, w.parts], ensure_ascii=False) + "\n" for w in words)


def load_words(lines: Iterable[str]) -> list[PassageWords]:
    """Undo `dump_words`."""
    rows = (json.loads(line) for line in lines)
    return [PassageWords(tuple(forms), tuple(map(tuple, parts))) for forms, parts in rows]


def _parts(text: str, found: Sequence[Span]) -> Iterator[tuple[str, str]]:
    cuts = {s.start for s in found if s.tag[0] in "JEV" or s.tag in ("XSV", "XSA")}
    # A particle or an ending inside a syllable (난, 했) cuts after it.
    cuts -= {place for s in found for place in range(s.start + 1, s.end)}
    for word in _HANGUL.finditer(text):
        start, last = word.span()
        end = min((cut for cut in cuts if start < cut < last), default=last)
        yield text[start:end], text[end:last]
