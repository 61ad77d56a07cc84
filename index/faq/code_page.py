"""Characters of a FAQ that an encoding lacks, and what comes nearest to each."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.labels import listed

# What people put there themselves; for other characters Unicode says what they are made of.
_NEAR = {
    **dict.fromkeys("\xa0\u2002\u2003\u2007\u2009\u202f\u2028\u2029", " "),
    **dict.fromkeys("‐‑‒–—−﹣", "-"),
    **dict.fromkeys("•‣◦▪●∙⁃", "·"),
    **dict.fromkeys("′ʼ‛", "'"),
    **dict.fromkeys("″‟„", '"'),
    **dict.fromkeys("✓✔☑", "V"),
    **dict.fromkeys("✕✖✗✘", "X"),
    **dict.fromkeys("➔➜➡→⇒▶", "->"),
    **dict.fromkeys("₩", "￦"),
    **dict.fromkeys("©", "(c)"),
    **dict.fromkeys("⭐", "★"),
    **dict.fromkeys("❤", "♥"),
    **dict(zip("‹›«»〜", "〈〉《》~", strict=True)),
    "・": "·",
}
# A syllable or a letter in parts, as macOS writes it, is one character to people.
_UNIT = re.compile(
    "[\u1100-\u115f]+[\u1160-\u11a7]+[\u11a8-\u11ff]*|.[\u0300-\u036f]+|.", re.DOTALL
)
# Letters that a syllable is made of, as they stand alone: "ᄒ" is "ㅎ".
_ALONE = {unicodedata.normalize("NFKD", chr(code)): chr(code) for code in range(0x3131, 0x318F)}


@dataclass(frozen=True, slots=True)
class Loss:
    """A character that an encoding lacks, what comes nearest, and the entries that have it."""

    char: str
    near: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in one line: "'—' (U+2014 EM DASH) -> '-' in fee, cost"."""
        names = ", ".join(
            f"U+{ord(char):04X} {unicodedata.name(char, 'no name')}" for char in self.char
        )
        instead = repr(self.near) if self.near else "dropped"
        return f"{self.char!r} ({names}) -> {instead} in {listed(self.labels)}"


def losses(entries: Iterable[FaqEntry], encoding: str) -> list[Loss]:
    """Return every character that `encoding` lacks, in the order in which they are met."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        for text in _texts(entry):
            for char in _lacked(text, encoding):
                found.setdefault(char, {})[entry.label] = None
    return [Loss(char, near(char, encoding), tuple(labels)) for char, labels in found.items()]


def replaced(entries: Sequence[FaqEntry], encoding: str) -> list[FaqEntry]:
    """Return entries that `encoding` holds: what it lacks is replaced by what comes nearest."""

    def written(text: str) -> str:
        if _holds(text, encoding):
            return text
        return _UNIT.sub(lambda unit: near(unit[0], encoding), text).strip()

    return [
        replace(
            entry,
            entry_id=written(entry.entry_id).replace(" ", "-"),
            # Of "😀" alone nothing is left, and an entry needs both.
            question=written(entry.question) or "?",
            answer=written(entry.answer) or "?",
            alternates=tuple(filter(None, map(written, entry.alternates))),
            category=written(entry.category),
            question_en=written(entry.question_en),
            answer_en=written(entry.answer_en),
        )
        for entry in entries
    ]


@cache
def near(char: str, encoding: str) -> str:
    """Return what comes nearest to a character: "" for an emoji, "?" where nothing does."""
    parts = unicodedata.normalize("NFKD", char)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    one = unicodedata.normalize("NFC", char)
    for candidate in (char, one, _NEAR.get(char), _ALONE.get(char), parts, letters):
        if candidate and _holds(candidate, encoding):
            return candidate
    if len(char) > 1:
        return "".join(near(part, encoding) for part in char)
    # Symbols, marks on other characters and what only joins them carry no word.
    return "" if unicodedata.category(char)[0] in "SMCZ" else "?"


def _lacked(text: str, encoding: str) -> Iterator[str]:
    if not _holds(text, encoding):
        units = dict.fromkeys(_UNIT.findall(text))
        yield from (unit for unit in units if not _holds(unit, encoding))


def _holds(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _texts(entry: FaqEntry) -> tuple[str, ...]:
    return (entry.entry_id, *entry.passages, entry.answer, entry.answer_en, entry.category)
