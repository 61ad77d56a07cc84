"""What a help centre writes around every answer: greetings, "도움이 되었나요?", related pages."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

# Fewer answers show no habit, and what fewer of them share may be what they say.
_LEAST = 4
_SHARE = 0.5
# Lines and sentences: a line often holds an answer's last sentence and the closing.
_PART = re.compile(r"[^\n]*?(?:(?<=[.?!])\s+|\n\s*|$)")
# After these come titles that differ from page to page, and nothing of the answer any more.
_CLOSING = re.compile(
    r"도움이 ?(?:되었|되셨|됐)|유용했|만족하(?:셨|시)|해결되(?:었|셨)|의견을 남겨|"
    r"(?:관련|연관|추천|다른|함께 본|인기|비슷한) ?"
    r"(?:도움말|질문|문서|글|게시물|게시글|콘텐츠|FAQ)|"
    r"이전 ?글|다음 ?글|공유하기|목록으로|조회 ?수|"
    r"was this (?:article|page|answer)? ?helpful|related (?:articles|topics|questions|pages)|"
    r"still need help",
    re.IGNORECASE,
)
# A sentence of an answer is longer than a title, and a list of titles ends.
_LONGEST_TITLES = 600


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """A text that most answers begin or end with, and how many do.

    With `to_the_end`, what follows it goes too: titles that differ from answer to answer.
    """

    text: str
    place: Literal["start", "end"]
    count: int
    to_the_end: bool = False


def find_boilerplate(answers: Sequence[str]) -> list[Boilerplate]:
    """Return what more than half of the answers, and four at least, begin or end with.

    It is whole lines and sentences, and never all of an answer; answers that are the same are
    counted once. Whether it is removed is for the owner to say: it may be a notice.
    """
    parted = [_parts(answer) for answer in dict.fromkeys(answers)]
    found = []
    if (closing := _closing(parted)) is not None:
        found.append(closing)
        parted = [_parts(without_boilerplate("".join(parts), [closing])) for parts in parted]
    return [*found, *filter(None, [_shared(parted, "end"), _shared(parted, "start")])]


def without_boilerplate(answer: str, found: Sequence[Boilerplate]) -> str:
    """Return an answer without what was found; as it is where nothing else would be left."""
    for one in found:
        parts = _parts(answer)
        keys = [_key(part) for part in parts]
        wanted = [_key(part) for part in _parts(one.text)]
        rest = _CUTS[one.place, one.to_the_end](parts, keys, wanted)
        if rest is not None and any(char.isalnum() for char in rest):
            answer = rest.strip()
    return answer


def _shared(parted: Sequence[list[str]], place: Literal["start", "end"]) -> Boilerplate | None:
    """Take parts from one end as long as most answers have them in common."""
    from_end = place == "end"
    ordered = [parts[::-1] if from_end else parts for parts in parted]
    within = [(parts, [_key(part) for part in parts]) for parts in ordered]
    taken: list[str] = []
    count = 0
    while True:
        depth = len(taken)
        # The last part of an answer is the answer.
        longer = [one for one in within if len(one[1]) > depth + 1]
        common = Counter(keys[depth] for _, keys in longer).most_common(1)
        if not common or not _is_most(common[0][1], len(parted)):
            break
        within = [one for one in longer if one[1][depth] == common[0][0]]
        taken.append(within[0][0][depth])
        count = common[0][1]
    if not any(char.isalnum() for char in "".join(taken)):
        return None
    return Boilerplate("".join(taken[::-1] if from_end else taken).strip(), place, count)


def _closing(parted: Sequence[list[str]]) -> Boilerplate | None:
    """Find the first words of a closing after which only titles come."""
    first: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for parts in parted:
        for number, part in enumerate(parts[1:], start=1):
            if _CLOSING.search(part) and len("".join(parts[number:])) <= _LONGEST_TITLES:
                first[_key(part)] += 1
                shown.setdefault(_key(part), part.strip())
                break
    if not first:
        return None
    key, count = first.most_common(1)[0]
    return Boilerplate(shown[key], "end", count, True) if _is_most(count, len(parted)) else None


def _is_most(count: int, answers: int) -> bool:
    return count >= _LEAST and count > _SHARE * answers


def _cut_closing(parts: list[str], keys: list[str], wanted: list[str]) -> str | None:
    place = keys.index(wanted[0], 1) if wanted[0] in keys[1:] else 0
    titles = "".join(parts[place:])
    return "".join(parts[:place]) if place and len(titles) <= _LONGEST_TITLES else None


def _cut_end(parts: list[str], keys: list[str], wanted: list[str]) -> str | None:
    return "".join(parts[: -len(wanted)]) if keys[-len(wanted) :] == wanted else None


def _cut_start(parts: list[str], keys: list[str], wanted: list[str]) -> str | None:
    return "".join(parts[len(wanted) :]) if keys[: len(wanted)] == wanted else None


_CUTS: dict[tuple[str, bool], Callable[[list[str], list[str], list[str]], str | None]] = {
    ("end", True): _cut_closing,
    ("end", False): _cut_end,
    ("start", False): _cut_start,
}


def _parts(text: str) -> list[str]:
    """Return the lines and sentences of a text, each with the spaces after it."""
    return [part for part in _PART.findall(text) if part]


def _key(part: str) -> str:
    return " ".join(part.split()).casefold()
