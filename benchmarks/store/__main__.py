"""The store with a million exchanges: how long readers and screens take, what recording costs.

Half a year of questions, a sixth of them unanswered, with reactions to one in ten. Then a server
shows the screens, and is asked ten thousand questions a minute, with recording and without: short
blocks, one of each in turns, so that what else the machine does weighs on both alike.

    python -m benchmarks.store [--postgresql] [--url=...]
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from benchmarks.result import write_result
from benchmarks.store.filled import DAYS, filled
from benchmarks.store.serving import bundle_of, recording, screens, writing
from mundap.chatbot.home.bundled import bundled_path
from mundap.feedback.exchanges.exchange_log import Wanted, page
from mundap.feedback.exchanges.retention import Retention
from mundap.feedback.store.database import Database
from mundap.feedback.traffic.asked_of_entry import asked_of_entry
from mundap.feedback.traffic.traffic import traffic
from mundap.feedback.unanswered.unsettled import unsettled
from mundap.index.faq.entry import FaqEntry, read_faq
from tests.feedback.postgres import Postgres, installed

_REPEATS = 5
_SURE = 0.8


def main() -> None:
    """Fill, read, serve, and write the figures."""
    options = _options()
    entries = read_faq(bundled_path("faq"))
    with TemporaryDirectory() as scratch, ExitStack() as servers:
        url = options.url or f"sqlite:///{scratch}/store.sqlite"
        if options.postgresql:
            binaries = installed()
            if binaries is None:
                sys.exit("PostgreSQL is missing; on Debian: apt-get install postgresql")
            url = servers.enter_context(Postgres.started(binaries)).new_database()
        database = Database.open(url)
        kind = "sqlite" if database.is_sqlite else "postgresql"
        figures = {"store": kind, **filled(database, entries)}
        figures["writing_an_exchange"] = writing(database, entries)
        figures["readers"] = {
            name: _timed(database, read) for name, read in _readers(database, entries).items()
        }
        database.close()
        bundle = bundle_of(Path(scratch), entries)
        figures["screens"] = screens(Path(scratch), url, bundle)
        if options.turns:
            figures["recording"] = recording(
                Path(scratch), url, bundle, entries, options.turns, options.seconds
            )
    figures["load_average"] = round(os.getloadavg()[0], 2)
    name = "store" if kind == "sqlite" else "store_postgresql"
    words = " ".join(word for word in sys.argv[1:] if "://" not in word)
    write_result(name, figures, f"benchmarks.store {words}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store")
    parser.add_argument("--url", help="a store that is empty or was filled before, else a new one")
    parser.add_argument("--postgresql", action="store_true", help="a server of its own is started")
    parser.add_argument("--turns", type=int, default=40, help="blocks with recording, and without")
    parser.add_argument("--seconds", type=float, default=4, help="of each block")
    return parser.parse_args()


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


if __name__ == "__main__":
    main()
