"""A server that starts before its store: it answers, and records once the store is there."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mundap.feedback.exchanges.exchanges import Exchanges
from mundap.feedback.store import awaited as awaited_file
from mundap.feedback.store import database as database_file
from mundap.feedback.store.awaited import open_or_await
from mundap.feedback.store.database import Database, StoreError
from mundap.feedback.store.tables import exchanges
from tests.feedback.an_exchange import an_exchange
from tests.feedback.postgres import Postgres


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaited_file, "_FIRST_PAUSE", 0.1)
    monkeypatch.setattr(awaited_file, "_LAST_PAUSE", 0.2)
    monkeypatch.setattr(database_file, "_WAIT", 0.1)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(exchanges)).scalar_one()


def test_a_postgresql_that_was_away_at_the_start_is_used_once_it_is_back(
    postgres: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres.new_database()
    postgres.stop()
    try:
        database = Database.awaited(url, tmp_path)
        met: list[str] = []
        database.when_connected(lambda: met.append("first"))
        open_or_await(database)
        database.when_connected(lambda: met.append("second"))
        store = Exchanges(database)
        store.add(an_exchange(request_id="while it is away"))
        with pytest.raises(StoreError, match="Is the server of the database running") as refused:
            count(database)
        assert (refused.value.trouble, met, store.is_recording) == ("away", [], False)
    finally:
        postgres.start()
    until(lambda: store.recorded == 1)
    assert (met, store.is_recording, store.dropped) == (["first", "second"], True, 0)
    database.when_connected(lambda: met.append("at once"))
    assert met[-1] == "at once"
    store.close()
    assert count(database) == 1
    database.close()
    said = [line.message for line in caplog.records if line.levelno >= logging.WARNING]
    assert any("Visitors are answered; nothing is recorded until then." in each for each in said)
    assert sum("The store can be used now" in each for each in said) == 1


def test_a_sqlite_store_that_was_locked_at_the_start_is_used_once_it_is_let_go(
    tmp_path: Path,
) -> None:
    holder = Database.of(None, tmp_path)
    with holder.writing():
        database = Database.awaited(None, tmp_path)
        open_or_await(database)
        store = Exchanges(database)
        store.add(an_exchange(request_id="while it is locked"))
        with pytest.raises(StoreError, match="is locked") as refused:
            count(database)
        assert refused.value.trouble == "locked"
    until(lambda: store.recorded == 1)
    store.close()
    assert count(holder) == 1
    database.close()
    holder.close()


def test_a_damaged_file_that_is_moved_away_makes_room_for_a_new_store(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"something else altogether" * 100)
    database = Database.awaited(None, tmp_path)
    open_or_await(database)
    assert database.refusal is not None
    assert database.refusal.trouble == "damaged"
    path.rename(tmp_path / "old")
    until(lambda: database.refusal is None)
    assert (count(database), path.stat().st_mode & 0o777) == (0, 0o600)
    database.close()


def test_nobody_tries_any_more_once_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"something else altogether" * 100)
    database = Database.awaited(None, tmp_path)
    open_or_await(database)
    database.close()
    (tmp_path / "store.sqlite").unlink()
    time.sleep(0.5)
    assert database.refusal is not None


def test_what_can_never_be_a_store_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no URL of a store"):
        Database.awaited("mysql://a/b", tmp_path)
