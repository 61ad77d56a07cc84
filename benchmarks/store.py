"""The store with a million exchanges: how long its readers take, and what recording costs.

Half a year of questions, a sixth of them unanswered, with reactions to one in ten. Then a server
is asked ten thousand questions a minute, with recording and without, in turns.

    python -m benchmarks.store --turns 6 --seconds 20 --url=postgresql://... (else SQLite)
"""

import argparse
import http.client
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from benchmarks.api_load import UNLIMITED, build
from benchmarks.api_server import ApiServer, serving
from benchmarks.result import write_result
from mundap.chatbot.home.bundled import bundled_path
from mundap.feedback.exchanges.exchange_log import Wanted, page
from mundap.feedback.exchanges.retention import Retention
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, reactions
from mundap.feedback.traffic.asked_of_entry import asked_of_entry
from mundap.feedback.traffic.traffic import traffic
from mundap.feedback.unanswered.unsettled import unsettled
from mundap.index.encoders.shipped import NO_PRETRAINED
from mundap.index.faq.entry import FaqEntry, read_faq

EXCHANGES, DAYS = 1_000_000, 180
_AT_ONCE = 10_000
_REPEATS = 5
# Asked in a minute, from so many connections.
PER_MINUTE, CONNECTIONS = 10_000, 8
_SURE = 0.8


def main() -> None:
    """Fill, read, serve, and write the figures."""
    options = _options()
    entries = read_faq(bundled_path("faq"))
    with TemporaryDirectory() as scratch:
        url = options.url or f"sqlite:///{scratch}/store.sqlite"
        database = Database.open(url)
        filled = _filled(database, entries)
        figures = {"store": "sqlite" if database.is_sqlite else "postgresql", **filled}
        figures["readers"] = {
            name: _timed(database, read) for name, read in _readers(database, entries).items()
        }
        database.close()
        if not options.reading_only:
            figures["recording"] = _recording(Path(scratch), url, entries, options)
    figures["load_average"] = round(os.getloadavg()[0], 2)
    name = "store" if figures["store"] == "sqlite" else "store_postgresql"
    words = " ".join(word for word in sys.argv[1:] if "://" not in word)
    write_result(name, figures, f"benchmarks.store {words}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store")
    parser.add_argument("--url", help="a store that is empty or was filled before, else a new one")
    parser.add_argument("--turns", type=int, default=6, help="with and without recording")
    parser.add_argument("--seconds", type=int, default=20, help="of each turn")
    parser.add_argument("--reading-only", action="store_true")
    return parser.parse_args()


def _filled(database: Database, entries: list[FaqEntry]) -> dict[str, Any]:
    """Fill a store, unless that was done before."""
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


def _readers(database: Database, entries: list[FaqEntry]) -> dict[str, Callable[[], object]]:
    now = datetime.now().astimezone()

    def log(wanted: Wanted) -> Callable[[], object]:
        return lambda: _read(database, lambda connection: page(connection, wanted, 50))

    return {
        **{
            f"overview of {days} days": lambda days=days: traffic(database, days, now)  # type: ignore[misc]
            for days in (7, 30, 90)
        },
        "questions of an entry": lambda: asked_of_entry(database, entries[0].entry_id, 50),
        "unanswered, the last 20,000": lambda: _read(
            database, lambda connection: unsettled(connection, _SURE, newest=20_000)
        ),
        "unanswered, all (in the background)": lambda: _read(
            database, lambda connection: unsettled(connection, _SURE)
        ),
        "log": log(Wanted()),
        "log of a kind": log(Wanted(kind="unknown")),
        "log with a text": log(Wanted(contains="없는 말은 없다")),
        "nothing to delete for its age": lambda: _read(database, Retention(DAYS + 1).delete_some),
    }


def _read(database: Database, read: Callable[[Connection], object]) -> None:
    with database.reading() as connection:
        read(connection)


def _timed(database: Database, read: Callable[[], object]) -> dict[str, float]:
    """Return the usual seconds of a reader, of several times.

    What others leave of the machine does not count in those of the processor; SQLite works in this
    process, PostgreSQL in another one.
    """
    seconds, processor = [], []
    for _ in range(_REPEATS):
        begun, busy = time.perf_counter(), time.process_time()
        read()
        seconds.append(time.perf_counter() - begun)
        processor.append(time.process_time() - busy)
    return {"seconds": round(median(seconds), 4), "processor": round(median(processor), 4)}


def _recording(
    scratch: Path, url: str, entries: list[FaqEntry], options: argparse.Namespace
) -> dict[str, Any]:
    """Ask two servers in turns, one that records and one that does not."""
    bundle = scratch / "index"
    build(bundle, entries, scratch / "faq.jsonl", NO_PRETRAINED)
    bodies = [
        json.dumps({"query": f"{words} 궁금해요"}).encode()
        for entry in entries
        for words in entry.passages
    ]
    usual = {**UNLIMITED, "MUNDAP_HOME": str(scratch / "home"), "MUNDAP_DATABASE_URL": url}
    with (
        serving(bundle, {**usual, "MUNDAP_RECORD": "true"}) as with_it,
        serving(bundle, {**usual, "MUNDAP_RECORD": "false"}) as without,
    ):
        turns: dict[str, list[list[float]]] = {"with": [], "without": []}
        for number in range(-1, options.turns):
            for name, server in (("with", with_it), ("without", without)):
                times = _paced(server, bodies, options.seconds)
                if number >= 0:
                    turns[name].append(times)
        time.sleep(2)
        counters = with_it.get("/metrics")
    figures: dict[str, Any] = {
        "per_minute": PER_MINUTE,
        "seconds_a_turn": options.seconds,
        "asked_while_recording": (options.turns + 1) * (options.seconds * PER_MINUTE // 60),
        **{name: _counter(counters, f"mundap_{name}_total") for name in ("recorded", "dropped")},
    }
    for name, each in turns.items():
        every = sorted(seconds for times in each for seconds in times)
        figures[f"ms_{name}"] = {
            "p50": _ms(every, 0.5),
            "p95": _ms(every, 0.95),
            "p99": _ms(every, 0.99),
            "p50_of_each_turn": [_ms(sorted(times), 0.5) for times in each],
        }
    p50s = [figures[f"ms_{name}"]["p50"] for name in ("with", "without")]
    figures["p50_ratio"] = round(p50s[0] / p50s[1], 3)
    return figures


def _paced(server: ApiServer, bodies: list[bytes], length: int) -> list[float]:
    """Ask at a steady pace, whatever the answers take; return the seconds of each answer."""
    seconds: list[float] = []
    every = 60 / PER_MINUTE
    begin = time.perf_counter() + 0.1

    def work(first: int) -> None:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
        for number in range(first, length * PER_MINUTE // 60, CONNECTIONS):
            time.sleep(max(0.0, begin + number * every - time.perf_counter()))
            asked = time.perf_counter()
            body = bodies[number * 7919 % len(bodies)]
            connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
            seconds.append(time.perf_counter() - asked)
        connection.close()

    threads = [threading.Thread(target=work, args=(first,)) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def _ms(ordered: list[float], share: float) -> float:
    return round(1000 * ordered[int(share * (len(ordered) - 1))], 2)


def _counter(text: str, name: str) -> int:
    line = next(line for line in text.splitlines() if line.startswith(f"{name} "))
    return int(float(line.split()[1]))


if __name__ == "__main__":
    main()
