"""A store as a small shop has it after some weeks: exchanges, thumbs, publications, deeds."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from mundap.feedback.owners.deeds import record
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, publications, reactions
from mundap.index.faq.entry import FaqEntry

# What the FAQ of the shop does not know, or not in these words.
_UNKNOWN = (
    "매장에 주차할 수 있나요",
    "포인트 유효기간 알려줘",
    "제주도도 새벽배송 되나요?",
    "선물 포장 돼요??",
    "법인카드 영수증 어떻게 받아요",
    "주차 되나요",
    "포인트 언제 없어져요",
    "사이즈 교환하고 싶은데 왕복 배송비는요",
)
_ENDINGS = ("", "?", " 알려 주세요", "요??", " ㅠㅠ", " 궁금합니다", "~")


def fill(
    database: Database,
    entries: Sequence[FaqEntry],
    *,
    days: int = 30,
    a_day: int = 40,
    now: datetime | None = None,
    generations: Sequence[int] = (1,),
) -> None:
    """Add `days` days of questions to a store; the last generation was published last week.

    Every publication answers more than the one before. The same every time but for the dates.
    """
    chance, now = random.Random(11), now or datetime.now(UTC)
    published = [
        now - timedelta(days=7 * (len(generations) - place) + 3)
        for place in range(len(generations))
    ]
    rows: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for back in range(days, -1, -1):
        busy = 1.0 if (now - timedelta(days=back)).weekday() < 5 else 0.45
        for number in range(round(a_day * busy * chance.uniform(0.8, 1.2))):
            time = (now - timedelta(days=back)).replace(
                hour=chance.randrange(0, 15), minute=chance.randrange(60)
            )
            if time > now:
                continue
            serving = sum(moment <= time for moment in published)
            row = _exchange(chance, entries, time, f"{back:03d}{number:04d}", serving)
            row["generation"] = generations[max(0, serving - 1)]
            rows.append(row)
            said += _reactions(chance, row)
    with database.writing() as connection:
        connection.execute(insert(exchanges), rows)
        connection.execute(insert(reactions), said)
        for time, generation in zip(published, generations, strict=True):
            deed = record(connection, "김하나", "publish", {"generation": generation})
            counts = {"added": 1, "changed": 2, "removed": 0}
            connection.execute(
                insert(publications).values(deed=deed, time=time, generation=generation, **counts)
            )


def _exchange(
    chance: random.Random, entries: Sequence[FaqEntry], time: datetime, number: str, serving: int
) -> dict[str, Any]:
    entry = chance.choice(entries)
    luck = chance.random() + 0.06 * serving
    kind = "answer" if luck > 0.38 else "suggest" if luck > 0.2 else "unknown"
    query = chance.choice(entry.passages).rstrip("?") + chance.choice(_ENDINGS)
    if kind == "unknown":
        query = chance.choice(_UNKNOWN)
    others = [other.entry_id for other in chance.sample(list(entries), 2)]
    return {
        "request_id": f"demo{number}",
        "conversation": f"visit{int(number) // 2}",
        "time": time,
        "channel": "page" if chance.random() < 0.9 else "api",
        "language": "ko",
        "query": query,
        "reading": query,
        "category": None,
        "kind": kind,
        "entry_id": entry.entry_id if kind == "answer" else None,
        "score": round(chance.uniform(0.3, 0.95), 3),
        "confidence": round(
            chance.uniform(0.78, 0.99) if kind == "answer" else chance.uniform(0.1, 0.7), 3
        ),
        "candidates": others if kind != "answer" else others[:1],
        "milliseconds": round(chance.lognormvariate(2.9, 0.35), 1),
    }


def _reactions(chance: random.Random, row: dict[str, Any]) -> list[dict[str, Any]]:
    said = {"request_id": row["request_id"], "time": row["time"] + timedelta(seconds=9)}
    none = {"entry_id": None, "reason": None, "comment": None}
    luck = chance.random()
    if row["kind"] == "suggest" and luck < 0.55:
        return [{**said, **none, "value": "chosen", "entry_id": row["candidates"][0]}]
    if row["kind"] == "answer" and luck < 0.16:
        return [{**said, **none, "value": "up"}]
    if luck > 0.96:
        reason = chance.choice(["wrong", "outdated", "not_my_question"])
        return [{**said, **none, "value": "down", "reason": reason}]
    return []
