"""A store with a million exchanges: half a year of questions, with reactions to one in ten."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, reactions
from mundap.index.faq.entry import FaqEntry

EXCHANGES, DAYS = 1_000_000, 180
_AT_ONCE = 10_000


def filled(database: Database, entries: list[FaqEntry]) -> dict[str, Any]:
    """Fill a store, unless that was done before; return how much is in it."""
    with database.reading() as connection:
        found = connection.execute(select(func.count()).select_from(exchanges)).scalar_one()
        if found >= EXCHANGES:
            return {"exchanges": found, "days": DAYS, "mib": _mib(connection, database)}
    return _fill(database, entries)


def _fill(database: Database, entries: list[FaqEntry]) -> dict[str, Any]:
    begun = time.perf_counter()
    made = _exchanges(entries, random.Random(0))
    while some := list(islice(made, _AT_ONCE)):
        with database.writing() as connection:
            connection.execute(insert(exchanges), [exchange for exchange, _ in some])
            said = [reaction for _, reaction in some if reaction is not None]
            connection.execute(insert(reactions), said)
    seconds = round(time.perf_counter() - begun, 1)
    with database.writing() as connection:
        connection.execute(text("ANALYZE"))
        size = _mib(connection, database)
    return {"exchanges": EXCHANGES, "days": DAYS, "fill_seconds": seconds, "mib": size}


def _exchanges(
    entries: list[FaqEntry], chance: random.Random
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Yield exchanges in the order of their time, each with the reaction to it or None."""
    begin = datetime.now(UTC) - timedelta(days=DAYS)
    step = timedelta(days=DAYS) / EXCHANGES
    for number in range(EXCHANGES):
        # A few entries are asked for most.
        entry = entries[int(len(entries) * chance.random() ** 3)]
        kind = chance.choices(("answer", "suggest", "unknown"), (70, 15, 15))[0]
        words = chance.choice(entry.passages)
        # One in three is typed by nobody else.
        query = f"{words} {number}" if number % 3 == 0 else words
        candidates = [each.entry_id for each in chance.sample(entries, 3)]
        exchange = {
            "request_id": f"{chance.getrandbits(64):016x}",
            "conversation": f"{number // 3:024x}",
            "time": begin + number * step,
            "channel": "page",
            "language": "ko",
            "query": query,
            "reading": query,
            "category": None,
            "kind": kind,
            "entry_id": entry.entry_id if kind == "answer" else None,
            "score": chance.random(),
            "confidence": 0.7 + 0.3 * chance.random() if kind == "answer" else chance.random(),
            "candidates": candidates,
            "generation": 1,
            "milliseconds": chance.lognormvariate(2.0, 0.5),
        }
        reaction = None
        if number % 10 == 0:
            value = chance.choice(("up", "down", "chosen"))
            chosen = candidates[0] if value == "chosen" else None
            reaction = {
                "request_id": exchange["request_id"],
                "time": exchange["time"],
                "value": value,
                "entry_id": chosen,
            }
        yield exchange, reaction


def _mib(connection: Connection, database: Database) -> float:
    if database.is_sqlite:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        size = pages * connection.execute(text("PRAGMA page_size")).scalar_one()
    else:
        wanted = text("SELECT pg_database_size(current_database())")
        size = connection.execute(wanted).scalar_one()
    return round(float(size) / 2**20, 1)
