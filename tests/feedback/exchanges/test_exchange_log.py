from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mundap.feedback.exchanges.exchange import Exchange, Reaction
from mundap.feedback.exchanges.exchange_log import Wanted, everything, page
from mundap.feedback.exchanges.forgetting import count, forget
from mundap.feedback.exchanges.kept_rows import keep
from mundap.feedback.exchanges.retention import Retention
from mundap.feedback.owners.deeds import deeds
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, reactions
from tests.feedback.an_exchange import ASKED, RATED, an_exchange
from tests.feedback.postgres import Postgres
from tests.store_rows import rows


def asked(name: str, minute: int = 0, **changes: Any) -> Exchange:
    return an_exchange(request_id=name, time=ASKED + timedelta(minutes=minute), **changes)


def wrote(database: Database, *kept: Exchange | Reaction) -> None:
    with database.writing() as connection:
        keep(connection, kept)


def found(database: Database, wanted: Wanted, limit: int = 10) -> list[str]:
    with database.reading() as connection:
        return [one.exchange.request_id for one in page(connection, wanted, limit)]


def test_a_page_holds_the_newest_and_the_next_what_came_before(database: Database) -> None:
    wrote(database, *(asked(f"{number}", number) for number in range(5)))
    with database.reading() as connection:
        first = page(connection, Wanted(), 2)
        second = page(connection, Wanted(), 2, first[-1].exchange_id)
        every = list(everything(connection, Wanted()))
    names = [[one.exchange.request_id for one in each] for each in (first, second, every)]
    assert names == [["4", "3"], ["2", "1"], ["4", "3", "2", "1", "0"]]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["3", "2", "1"]),
        (Wanted(kind="unknown"), ["2"]),
        (Wanted(contains="주차"), ["2"]),
        (Wanted(contains="언제 되나요"), ["1"]),
        (Wanted(contains="BUS"), ["3"]),
        (Wanted(contains="ｂｕｓ"), ["3"]),
        (Wanted(contains="100%"), ["3"]),
        (Wanted(contains="10_"), []),
        (Wanted(contains="틀렸"), ["1"]),
        (Wanted(since=ASKED + timedelta(minutes=2)), ["3", "2"]),
        (Wanted(before=ASKED + timedelta(minutes=2)), ["1"]),
        (Wanted(kind="answer", contains="bus"), ["3"]),
    ],
)
def test_the_log_is_searched(database: Database, wanted: Wanted, names: list[str]) -> None:
    wrote(
        database,
        asked("1", 1),
        Reaction("1", RATED, "down", comment="답이 틀렸어요"),
        asked("2", 2, query="주차 되나요", reading="주차", kind="unknown"),
        asked("3", 3, query="bus 100% 와요?", reading=""),
    )
    assert found(database, wanted) == names
    assert count(database, wanted) == len(names)


def test_a_record_says_what_the_visitor_did_then(database: Database) -> None:
    wrote(
        database,
        asked("1"),
        Reaction("1", RATED, "chosen", "refund-2"),
        Reaction("1", RATED, "up"),
        Reaction("1", RATED, "down", reason="wrong", comment="아니에요"),
        asked("2", 1),
        Reaction("2", RATED, "down"),
        Reaction("2", RATED, "none"),
        Reaction("2", RATED, "handed_over"),
        asked("3", 2, conversation=None),
    )
    with database.reading() as connection:
        third, second, first = (one.record() for one in page(connection, Wanted(), 3))
    assert first == {
        **asdict(asked("1")),
        "time": "2026-11-26T09:00:00.000+00:00",
        "chosen": "refund-2",
        "thumb": "down",
        "reason": "wrong",
        "comment": "아니에요",
        "handed_over": False,
        "asked_again": True,
    }
    done = ("chosen", "thumb", "handed_over", "asked_again")
    assert [second[name] for name in done] == [None, None, True, False]
    assert [third[name] for name in done] == [None, None, False, None]


def files_hold(folder: Path, word: str) -> list[str]:
    """Return the names of the files of a store in which a word can be read."""
    wanted = word.encode()
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.name for path in files if wanted in path.read_bytes())


def test_what_is_forgotten_is_in_no_file_of_the_store(tmp_path: Path) -> None:
    database = Database.of(None, tmp_path)
    # Long enough for a page of its own, too.
    secret = [
        asked(f"s{number}", query=f"홍길동 {'가' * number}") for number in range(0, 3000, 100)
    ]
    wrote(database, *(asked(f"{number}") for number in range(50)), *secret)
    wrote(database, Reaction("1", RATED, "down", comment="홍길동이 말했어요"))
    assert files_hold(tmp_path, "홍길동") != []
    assert forget(database, Wanted(contains="홍길동")) == 31
    assert files_hold(tmp_path, "홍길동") == []
    assert count(database, Wanted()) == 49
    with database.reading() as connection:
        (deed,) = deeds(connection, 2)
    assert (deed.owner, deed.action, deed.detail) == ("cli", "forget", {"exchanges": 31})
    database.close()


def test_what_is_forgotten_is_in_no_table_of_postgresql(postgres: Postgres) -> None:
    database = Database.open(postgres.new_database())
    wrote(database, asked("1", query="홍길동"), asked("2"), Reaction("1", RATED, "up"))
    with database.writing() as connection:
        connection.execute(text("CHECKPOINT"))
    tables = Path(postgres.data) / "base"
    assert files_hold(tables, "홍길동") != []
    assert forget(database, Wanted(contains="홍길동")) == 1
    with database.writing() as connection:
        connection.execute(text("CHECKPOINT"))
    assert files_hold(tables, "홍길동") == []
    assert rows(database, reactions) == []
    database.close()


def test_what_is_old_goes_with_its_reactions_a_part_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mundap.feedback.exchanges.retention._AT_ONCE", 2)
    now = asked("now").time
    old = [asked(f"{number}", -60 * 24 * 365 * 20) for number in range(3)]
    wrote(database, *old, replace(asked("new"), time=now.replace(year=2999)))
    wrote(database, Reaction("1", RATED, "up"), Reaction("new", RATED, "up"))
    step = Retention(days=180).within(database)
    assert [step() for _ in range(3)] == [True, False, False]
    assert [row["request_id"] for row in rows(database, exchanges)] == ["new"]
    assert [row["request_id"] for row in rows(database, reactions)] == ["new"]
    # Not again until tomorrow.
    wrote(database, *old)
    assert not step()
    assert count(database, Wanted()) == 4


def test_of_too_many_the_oldest_go(database: Database) -> None:
    future = ASKED.replace(year=2999)
    wrote(database, *(replace(asked(f"{number}"), time=future) for number in range(5)))
    step = Retention(days=180, most=3).within(database)
    assert not step()
    assert [row["request_id"] for row in rows(database, exchanges)] == ["2", "3", "4"]
