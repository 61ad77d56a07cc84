"""Another subject for the same predicate: 환불은 며칠 걸려요 -> 교환은 며칠 걸려요."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import Encoder
from mundap.training.mining.edits.sentence import ASKING, Part, Sentence, words

# Cosine of nouns by the encoder: below nothing alike, above often the same thing (택배, 소포).
_AKIN, _SAME = 0.15, 0.35
_MARKS = frozenset({"이", "가", "은", "는", "께서"})
Vector = NDArray[np.float32]
_NOUNS = ("NNG", "NNP")
# First persons, and who may stand in for them.
_FIRST_PERSON = {"저": "친구", "나": "친구", "제": "친구", "내": "친구"}
# With these the noun makes one expression: 소리가 나다, 힘이 들다.
_BOUND = frozenset({"나", "들"})
# Only a first person says these: 제가 할게요, 저는 하고 싶어요.
_FIRST_PERSON_ONLY = words("ᆯ게 ᆯ게요 을게 을게요 ᆯ래 ᆯ래요 을래 을래요 싶 겠")
# Times and places are no subjects, whatever particle follows.
_NO_SUBJECT = words(
    "오늘 내일 어제 지금 이번 다음 지난번 요즘 평일 주말 아침 저녁 오전 오후 처음 이후 이전 "
    "경우 때 뒤 앞 전 후 중 동안 이상 이하 정도 쪽 곳 분 것 수 일 말 점 자리 자체"
)


@dataclass(frozen=True, slots=True)
class _Subject:
    """The row of a subject's noun and the predicate it belongs to."""

    row: int
    predicate: str


class Subjects:
    """The nouns that texts give to each predicate as its subject."""

    def __init__(self, nouns: dict[str, list[str]], vectors: dict[str, Vector]) -> None:
        self._nouns = nouns
        self._vectors = vectors

    @classmethod
    def of(cls, sentences: Iterable[Sentence], encoder: Encoder) -> "Subjects":
        """Collect subjects; those seen once are left out, as slips of the analysis are rare."""
        seen: dict[str, Counter[str]] = {}
        for sentence in sentences:
            for subject in _subjects(sentence):
                counts = seen.setdefault(subject.predicate, Counter())
                counts[sentence.form(subject.row)] += 1
        nouns = {
            predicate: sorted(noun for noun, count in counts.items() if count > 1)
            for predicate, counts in seen.items()
        }
        different = sorted(set().union(*seen.values()))
        vectors = dict(zip(different, encoder.encode(different), strict=True))
        return cls(nouns, vectors)

    def change(self, sentence: Sentence) -> str | None:
        """Return the sentence about another subject of the same predicate."""
        for subject in _subjects(sentence):
            present = {morpheme.form for morpheme in sentence.morphemes}
            others = self._like(sentence.form(subject.row), subject.predicate, present)
            if others:
                return self._replaced(sentence, subject.row, others[0])
        return _other_person(sentence)

    def _like(self, noun: str, predicate: str, present: set[str]) -> list[str]:
        """Return the nouns that fit the predicate and are akin to `noun`, the most akin first."""
        others = [other for other in self._nouns.get(predicate, []) if other not in present]
        cosines = {other: float(self._vectors[other] @ self._vectors[noun]) for other in others}
        akin = [other for other in others if _AKIN <= cosines[other] <= _SAME]
        return sorted(akin, key=lambda other: -cosines[other])

    def _replaced(self, sentence: Sentence, row: int, noun: str) -> str | None:
        spaced = sentence.part(row)[2]
        mark = sentence.part(row + 1)
        parts: list[Part] = [(noun, "NNG", spaced), mark]
        return sentence.replaced(row, row + 2, parts)


def _subjects(sentence: Sentence) -> Iterator[_Subject]:
    """Yield single nouns before 이/가 or 은/는, each with the first predicate after it."""
    for row in range(len(sentence.morphemes) - 1):
        form = sentence.form(row)
        noun = sentence.tag(row) in _NOUNS and len(form) > 1 and form not in _NO_SUBJECT | ASKING
        if noun and _is_marked(sentence, row) and _is_free(sentence, row):
            predicate = _predicate_after(sentence, row + 2)
            if predicate and predicate not in _BOUND:
                yield _Subject(row, predicate)


def _is_free(sentence: Sentence, row: int) -> bool:
    """Whether nothing before the noun belongs to it: 받은 선물이, 배송 상태가 do."""
    alone = row == 0 or sentence.part(row)[2]
    return alone and not sentence.tag(row - 1).startswith(
        ("NN", "NP", "ETM", "MM", "JKG", "XSN", "S")
    )


def _is_marked(sentence: Sentence, row: int) -> bool:
    last = row + 2 == len(sentence.morphemes) or sentence.part(row + 2)[2]
    together = not sentence.part(row + 1)[2] and (last or sentence.tag(row + 2).startswith("S"))
    subject = sentence.tag(row + 1) in {"JKS", "JX"} and sentence.form(row + 1) in _MARKS
    return together and subject


def _predicate_after(sentence: Sentence, row: int) -> str:
    """Return the first verb or adjective from `row` on; "" where another subject comes first."""
    while row < len(sentence.morphemes):
        tag, form = sentence.tag(row), sentence.form(row)
        if tag in {"VV", "VA"}:
            return form
        if tag in {"XSV", "XSA"}:
            return sentence.form(row - 1) + form
        if tag in {"JKS", "JKC", "VCP", "VX", "EC", "EF"}:
            return ""
        row += 1
    return ""


def _other_person(sentence: Sentence) -> str | None:
    present = {morpheme.form for morpheme in sentence.morphemes}
    if _FIRST_PERSON_ONLY & present:
        return None
    for row in range(len(sentence.morphemes) - 1):
        other = _FIRST_PERSON.get(sentence.form(row))
        person = sentence.tag(row) == "NP" and other not in present
        if other and person and _is_marked(sentence, row) and _is_free(sentence, row):
            spaced = sentence.part(row)[2]
            parts: list[Part] = [(other, "NNG", spaced), sentence.part(row + 1)]
            return sentence.replaced(row, row + 2, parts)
    return None
