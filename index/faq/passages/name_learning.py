"""Which words of a FAQ are names: those that the analyser does not take alike everywhere."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.name_candidates import (
    NOUNS,
    POINTING,
    WORD,
    Candidates,
    Found,
    text_key,
)
from mundap.index.korean.morphemes import analyse_and_place
from mundap.index.korean.names import NO_NAMES, Names
from mundap.index.korean.particles import is_particles, is_tail, with_particle
from mundap.index.korean.text import clean

# Sentences that a word is tried in, each with particles of its own.
_TRIALS = (
    ("", "", "", ""),
    ("", "", "", "ㅠㅠ 왜 이래요"),
    ("", "", "", " 환불되나요?"),
    ("", "는", "은", " 언제 와요"),
    ("", "가", "이", " 안 돼요"),
    ("", "로", "으로", " 결제했어요"),
    ("혹시 ", "도", "도", " 되나요"),
    ("", "에서", "에서", " 샀어요"),
    ("제 ", "", "", " 계정이요"),
    ("", "를", "을", " 해지해요"),
)
# Trials in which a word must be nothing but nouns, or one word.
_ASNOUNS, _AS_ONE = 8, 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What trials say of a word.

    `is_plain`: all take it as the same words of the dictionary; `is_name`: they do not and it
    stands as a noun, or it is a proper one. `is_one` says that most take such a word as one, and
    `cut` are the nouns of the dictionary that the others part it into, if there are.
    """

    is_plain: bool = False
    is_name: bool = False
    is_one: bool = False
    cut: tuple[str, ...] = ()

    @classmethod
    def of(cls, word: str) -> "Verdict":
        """Try a word in sentences of ours."""
        cuts = [_cut(word, trial) for trial in _TRIALS]
        alike = len({tuple(m.form for m, _ in cut) for cut in cuts}) == 1
        if alike and cuts[0] and all(span.is_known for _, span in cuts[0]):
            if [m.tag for m, _ in cuts[0]] == ["NNP"]:  # other sentences may still mislead
                return cls(is_name=True, is_one=True)
            return cls(is_plain=all(m.tag in NOUNS for m, _ in cuts[0]))
        as_one = sum(len(cut) == 1 and cut[0][0].tag in NOUNS for cut in cuts)
        as_nouns = sum(bool(cut) and all(m.tag in NOUNS for m, _ in cut) for cut in cuts)
        usual = max(cuts, key=cuts.count)
        points = any(m.tag in POINTING for m, _ in usual)
        if points or (as_nouns < _ASNOUNS and as_one < _AS_ONE):
            return cls()
        if word[0].isdigit() and as_one < _AS_ONE:
            return cls()
        parted = [cut for cut in cuts if len(cut) > 1 and _are_nouns(cut)]
        most = tuple(m.form for m, _ in max(parted, key=parted.count)) if parted else ()
        cut = most if "".join(most) == word.lower() else ()
        return cls(is_name=True, is_one=as_one >= _AS_ONE, cut=cut)

    def pieces(self, word: str, apart: Set[str]) -> tuple[str, ...]:
        """Return the words that a name is to be taken as: one, or those of a compound.

        A compound is what most trials part into words, or what has a word that the FAQ says
        `apart` from it too, as a visitor will: 토스뱅크 where it says 토스.
        """
        words = [part for part in self.cut if len(part) > 1]
        is_compound = not self.is_one and len(words) == len(self.cut)
        if self.cut and (is_compound or not apart.isdisjoint(words)):
            return self.cut
        return (word.lower(),)


def _are_nouns(cut: Sequence[Found]) -> bool:
    return all(m.tag in NOUNS and span.is_known for m, span in cut)


def _cut(word: str, trial: tuple[str, str, str, str]) -> list[Found]:
    """Return the morphemes of a word in a sentence; none where one takes its particle in too."""
    before, after_vowel, after_consonant, after = trial
    text = before + with_particle(word, after_vowel, after_consonant) + after
    start, end = len(before), len(before) + len(word)
    found = zip(*analyse_and_place(text), strict=True)
    cut = [pair for pair in found if pair[1].start < end and pair[1].end > start]
    return cut if cut and cut[-1][1].end == end else []


@dataclass(frozen=True, slots=True)
class NameLearning:
    """The names of a FAQ, the verdict on every word that was tried for it, and what its texts hold.

    `texts` are by `text_key`.
    """

    names: Names = NO_NAMES
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    texts: Mapping[str, Candidates] = field(default_factory=dict)

    @classmethod
    def of(
        cls, entries: Iterable[FaqEntry], before: "NameLearning | None" = None
    ) -> "NameLearning":
        """Read questions, alternates and answers, with what was learned `before` of the same."""
        before = before or cls()
        seen = _Seen(before.texts)
        for entry in entries:
            for text in (*entry.passages, entry.answer):
                seen.read(clean(text))
        known = before.verdicts
        verdicts = {stem: known.get(stem) or Verdict.of(stem) for stem in seen.stems}
        names = {stem for stem, verdict in verdicts.items() if verdict.is_name}
        plain = {stem for stem, verdict in verdicts.items() if verdict.is_plain}
        found = {name for name in names - seen.beaten(names, plain) if not seen.explains(name)}
        pieces = {stem.lower(): verdicts[stem].pieces(stem, seen.apart) for stem in found}
        return cls(Names(pieces), verdicts, seen.texts)

    def dump(self) -> str:
        """Return the JSON text that `load` reads; `dump_candidates` keeps the texts."""
        tried = {stem: asdict(verdict) for stem, verdict in sorted(self.verdicts.items())}
        kept = {"names": dict(sorted(self.names.pieces.items())), "tried": tried}
        return json.dumps(kept, ensure_ascii=False) + "\n"

    @classmethod
    def load(cls, text: str) -> "NameLearning":
        """Undo `dump`."""
        kept = json.loads(text)
        names = {name: tuple(pieces) for name, pieces in kept["names"].items()}
        tried = kept["tried"].items()
        verdicts = {stem: Verdict(**{**v, "cut": tuple(v["cut"])}) for stem, v in tried}
        return cls(Names(names), verdicts)


@dataclass(slots=True)
class _Seen:
    """What stands in the texts of a FAQ: words that may be names, and words that are none."""

    # What is known of texts.
    known: Mapping[str, Candidates]
    texts: dict[str, Candidates] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    # In how many texts each may stand.
    stems: Counter[str] = field(default_factory=Counter)
    # Words of the dictionary.
    apart: set[str] = field(default_factory=set)
    # Stems of which one place can hold one alone: 얼그레 and 얼그레이.
    rivals: set[tuple[str, ...]] = field(default_factory=set)

    def read(self, text: str) -> None:
        """Take in a clean text; one whose words have all been read says nothing new."""
        words = {word[0] for word in WORD.finditer(text)}
        if words <= self.words:
            return
        self.words |= words
        key = text_key(text)
        found = self.texts[key] = self.known.get(key) or Candidates.of(text)
        self.apart.update(found.apart)
        for stems in found.stems:
            self.stems.update(stems)
            if len(stems) > 1:
                self.rivals.add(stems)

    def explains(self, name: str) -> bool:
        """Whether a name is a word of the dictionary with particles (포인트만), or they alone."""
        ends = range(1, len(name))
        known = (is_tail(name[end:], name[:end]) and name[:end] in self.apart for end in ends)
        return is_particles(name) or any(known)

    def beaten(self, names: Set[str], plain: Set[str]) -> set[str]:
        """Return those of `names` that stand in the place of a plain word, or of a better name.

        Of two the better one is seen more often.
        """
        lost = set[str]()
        for stems in self.rivals:
            left = [stem for stem in stems if stem in names]
            best = max(left, key=lambda stem: (self.stems[stem], -len(stem)), default=None)
            if not plain.isdisjoint(stems):
                best = None
            lost.update(stem for stem in left if stem != best)
        return lost
