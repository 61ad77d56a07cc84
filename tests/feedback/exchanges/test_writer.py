"""What happens to records when the disk, the database or the process fails."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from mundap.feedback.exchanges import writer as writer_file
from mundap.feedback.exchanges.exchange import Exchange, Reaction
from mundap.feedback.exchanges.exchanges import Exchanges
from mundap.feedback.exchanges.writer import Writer
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, reactions
from tests.feedback.an_exchange import RATED, UP, an_exchange
from tests.feedback.postgres import Postgres
from tests.store_rows import rows, wait_for

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once where a minute is usual."""
    monkeypatch.setattr(writer_file, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(writer_file, "_LAST_PAUSE", 0.01)
    monkeypatch.setattr(writer_file, "GATHERED", 0.01)


def named(number: int) -> Exchange:
    return an_exchange(request_id=f"{number:04}")


def names(database: Database) -> list[str]:
    return [row["request_id"] for row in rows(database, exchanges)]


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_batch_is_written_within_a_second_though_nothing_follows(database: Database) -> None:
    writer = Writer(database)
    writer.add(named(1))
    wait_until(lambda: writer.recorded == 1)
    assert names(database) == ["0001"]
    writer.close()


def test_many_batches_keep_their_order(database: Database) -> None:
    writer = Writer(database)
    for number in range(2500):
        writer.add(named(number))
    writer.close()
    assert names(database) == [f"{number:04}" for number in range(2500)]


# Records ten exchanges, and ten more each time that a line comes.
CHILD = """
import sys
from mundap.feedback.store.database import Database
from mundap.feedback.exchanges.exchanges import Exchanges
from tests.feedback.an_exchange import an_exchange
store = Exchanges(Database.open(sys.argv[1]))
for turn, line in enumerate(sys.stdin):
    for number in range(10):
        store.add(an_exchange(request_id=f"{10 * turn + number:04}"))
    print(turn, flush=True)
"""


@pytest.mark.slow
def test_a_killed_process_loses_at_most_the_last_second(url: str) -> None:
    Database.open(url).close()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", CHILD, url], cwd=ROOT, text=True, **pipes)
    assert process.stdin is not None
    assert process.stdout is not None

    def records_ten() -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()

    for _ in range(3):
        records_ten()
    time.sleep(1.0)
    records_ten()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    database = Database.open(url)
    kept = names(database)
    # What was older than a second, and of the rest whole batches or nothing.
    assert kept[:30] == [f"{number:04}" for number in range(30)]
    assert len(kept) in (30, *range(31, 41))
    writer = Writer(database)
    writer.add(named(99))
    writer.close()
    assert names(database) == [*kept, "0099"]
    database.close()


@pytest.mark.usefixtures("_quickly")
def test_a_full_disk_costs_lines_of_the_log_and_is_got_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_file, "QUEUED", 50)
    database = Database.of(None, tmp_path)
    pages = 10

    def bound(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(database._engine, "checkout", bound)
    writer = Writer(database)
    with caplog.at_level(logging.WARNING):
        taken = [writer.add(named(number)) for number in range(60)]
        wait_until(lambda: "database or disk is full" in caplog.text)
        assert taken == [True] * 50 + [False] * 10
        pages = 100_000
        wait_until(lambda: writer.recorded == 50)
        writer.add(named(60))
        writer.close()
    assert names(database) == [*(f"{number:04}" for number in range(50)), "0060"]
    assert (writer.recorded, writer.dropped) == (51, 10)
    assert "Nothing is recorded now." in caplog.text
    assert "Make room on the disk." in caplog.text
    assert "recording again" in caplog.text
    # One line, however often that fails and however much is dropped.
    assert len([line for line in caplog.records if line.name == "mundap.store"]) <= 3
    database.close()


@pytest.mark.usefixtures("_quickly")
def test_a_server_that_restarts_costs_nothing(postgres: Postgres) -> None:
    database = Database.open(postgres.new_database())
    writer = Writer(database)
    writer.add(named(1))
    wait_until(lambda: writer.recorded == 1)
    postgres.stop()
    try:
        for number in range(2, 100):
            assert writer.add(named(number))
        wait_until(lambda: writer._failures > 1)
    finally:
        postgres.start()
    wait_until(lambda: writer.recorded == 99)
    writer.close()
    assert names(database) == [f"{number:04}" for number in range(1, 100)]
    database.close()


def test_what_is_left_at_the_end_of_a_store_that_fails_is_counted(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer(database)
    with database.writing() as connection:
        connection.execute(text("DROP TABLE reactions"))
        connection.execute(text("DROP TABLE exchanges"))
    for number in range(7):
        writer.add(named(number))
    writer.close()
    assert (writer.recorded, writer.dropped) == (0, 7)
    assert "7 records were lost." in caplog.text


def test_what_the_database_refuses_keeps_nothing_else_out(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer(database)
    broken: list[Exchange] = [
        an_exchange(request_id="b1", kind=None),
        an_exchange(request_id="b2", generation=2**70),
        an_exchange(request_id="b3", candidates=(object(),)),
    ]
    for record in (named(1), *broken, named(2), replace(UP, request_id="0002")):
        writer.add(record)
    writer.close()
    assert names(database) == ["0001", "0002"]
    assert [row["request_id"] for row in rows(database, reactions)] == ["0002"]
    assert (writer.recorded, writer.dropped) == (3, 3)
    assert caplog.text.count("a record was refused") == 3


def test_a_reaction_to_an_exchange_that_was_lost_is_dropped(database: Database) -> None:
    writer = Writer(database)
    for record in (named(1), replace(UP, request_id="gone"), replace(UP, request_id="0001")):
        writer.add(record)
    writer.close()
    assert [row["request_id"] for row in rows(database, reactions)] == ["0001"]
    assert (writer.recorded, writer.dropped) == (2, 1)


def test_nothing_is_taken_after_the_end(database: Database) -> None:
    writer = Writer(database)
    writer.close()
    assert not writer.add(named(1))
    assert (writer.recorded, writer.dropped) == (0, 1)


def test_many_threads_lose_nothing(database: Database) -> None:
    store = Exchanges(database)

    def one(number: int) -> None:
        store.add(named(number))
        store.react(Reaction(f"{number:04}", RATED, "up"), "a")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(500)))
    wait_for(store, 1000)
    store.close()
    assert sorted(names(database)) == [f"{number:04}" for number in range(500)]
