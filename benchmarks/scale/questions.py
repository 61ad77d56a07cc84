"""Any number of different short questions, with some among them whose answers are known.

A question is the first two words of one public text and the last words of another. Which pairs
these are a seed decides; no two pairs give the same text. Among them lie the intents of
ParaKQC: one paraphrase of each is an entry, others are what is asked.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mundap.index.korean.text import clean, match_key
from mundap.index.tables.table import read_table

_SOURCES = ("nsmc_reviews.parquet", "intention_3i4k.parquet")
_PLANTED = "parakqc_dev.parquet"
# Words of a question's beginning; the end has two to five, so a text tells where it was joined.
_BEGINNING, _END = 2, (2, 5)
# Characters of each part: a question is short.
_LONGEST = 18
# As many categories: a filter then keeps a thousandth.
CATEGORIES = 1000


@dataclass(frozen=True, slots=True)
class PlantedQuery:
    """A query and the one entry among all that answers it."""

    text: str
    entry_id: str


def write_questions(folder: Path, count: int, file: Path, seed: int = 0) -> list[PlantedQuery]:
    """Write a FAQ of `count` entries as JSON Lines, and return queries for those with an answer.

    The planted ones are `count` over ten at most, and all else is around them.
    """
    planted, queries = _planted(folder, count // 10)
    places = np.random.default_rng(seed).choice(count, len(planted), replace=False)
    at = dict(zip(np.sort(places).tolist(), planted.items(), strict=True))
    others = _recombined(folder, count - len(planted), seed)
    with file.open("w", encoding="utf-8") as out:
        for number in range(count):
            entry_id, question = at.get(number) or (f"q{number}", next(others))
            row = {
                "entry_id": entry_id,
                "question": question,
                "answer": f"{number}번 안내를 따라 주세요.",
                "category": f"분류 {number % CATEGORIES}",
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return queries


def _planted(folder: Path, most: int) -> tuple[dict[str, str], list[PlantedQuery]]:
    """Return the first paraphrase of each intent by its id, and one other as a query."""
    intents: dict[int, list[str]] = {}
    for row in read_table(folder / _PLANTED).rows:
        intents.setdefault(row["intent_id"], []).append(clean(row["question"]))
    different = {match_key(texts[0]): (intent, texts) for intent, texts in intents.items()}
    kept = list(different.values())[:most]
    entries = {f"p{intent}": texts[0] for intent, texts in kept}
    return entries, [PlantedQuery(texts[-1], f"p{intent}") for intent, texts in kept]


def _recombined(folder: Path, count: int, seed: int) -> Iterator[str]:
    """Yield `count` different questions; raises ValueError where there are not so many pairs."""
    beginnings, ends = _parts(folder)
    pairs = len(beginnings) * len(ends)
    if count > pairs:
        raise ValueError(f"{count} questions wanted; {pairs} can be made.")
    # Steps of a length without a common divisor come by every pair once.
    rng = np.random.default_rng(seed)
    step = int(rng.integers(pairs // 3, pairs // 2))
    while math.gcd(step, pairs) > 1:
        step += 1
    place = int(rng.integers(pairs))
    for _ in range(count):
        yield f"{beginnings[place // len(ends)]} {ends[place % len(ends)]}"
        place = (place + step) % pairs


def _parts(folder: Path) -> tuple[list[str], list[str]]:
    beginnings, ends = dict[str, str](), dict[str, str]()
    for name in _SOURCES:
        for row in read_table(folder / name).rows:
            words = clean(row["text"]).split()
            first, last = " ".join(words[:_BEGINNING]), " ".join(words[_BEGINNING:])
            if len(first) > _LONGEST or len(last) > _LONGEST:
                continue
            if _END[0] <= len(words) - _BEGINNING <= _END[1]:
                beginnings.setdefault(match_key(first), first)
                ends.setdefault(match_key(last), last)
    return list(beginnings.values()), list(ends.values())
