"""Owners, their passwords and their sessions."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mundap.feedback.owners.deeds import deeds
from mundap.feedback.owners.owners import SESSION, OwnerError, Owners
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import owners as owners_table
from mundap.feedback.store.tables import sessions

PASSWORD = "하나몰의 긴 비밀번호"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.of(None, tmp_path)
    yield database
    database.close()


@pytest.fixture
def owners(database: Database) -> Owners:
    owners = Owners(database)
    owners.add("김하나", PASSWORD)
    return owners


def done(database: Database) -> list[tuple[str, str]]:
    """Return who did what, the first deed first."""
    with database.reading() as connection:
        return [(each.owner, each.action) for each in reversed(deeds(connection, 100))]


def entered(owners: Owners, name: str = "김하나", password: str = PASSWORD) -> str:
    token = owners.log_in(name, password)
    assert token is not None
    return token


def test_without_an_owner_there_is_none(database: Database) -> None:
    assert (Owners(database).exist(), Owners(database).names()) == (False, [])


def test_owners_are_listed_by_name(owners: Owners) -> None:
    owners.add("Lee", PASSWORD)
    assert (owners.exist(), owners.names()) == (True, ["Lee", "김하나"])


def test_a_name_is_kept_as_it_is_read_however_it_was_typed(owners: Owners) -> None:
    typed = unicodedata.normalize("NFD", " 김하나 ")
    assert owners.log_in(typed, PASSWORD) is not None
    with pytest.raises(
        OwnerError, match="김하나 is an owner already; `mundap owner password 김하나`"
    ):
        owners.add(typed, PASSWORD)


def test_a_password_is_the_same_in_one_piece_and_in_letters(owners: Owners) -> None:
    assert owners.log_in("김하나", unicodedata.normalize("NFD", PASSWORD)) is not None


@pytest.mark.parametrize("name", ["", "   ", "가" * 65, "cli", "줄\n바꿈", "\x00"])
def test_a_name_that_cannot_be_told_is_refused(owners: Owners, name: str) -> None:
    with pytest.raises(OwnerError, match="cannot be an owner's; wanted 1 to 64 printable"):
        owners.add(name, PASSWORD)


@pytest.mark.parametrize("length", [0, 9, 257])
def test_a_password_has_a_length(owners: Owners, length: int) -> None:
    with pytest.raises(OwnerError, match=f"has {length} characters; wanted 10 to 256"):
        owners.add("이둘", "x" * length)


def test_of_a_password_only_a_slow_hash_is_kept(owners: Owners, database: Database) -> None:
    with database.reading() as connection:
        held = connection.scalar(select(owners_table.c.password_hash))
    assert str(held).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in str(held)


def test_of_a_session_only_a_digest_is_kept(owners: Owners, database: Database) -> None:
    token = entered(owners)
    with database.reading() as connection:
        rows = connection.execute(select(sessions)).all()
    assert [row.owner for row in rows] == ["김하나"]
    assert token not in str(rows)
    assert len(token) == 43


def test_a_session_says_whose_it_is_until_it_expires(owners: Owners, database: Database) -> None:
    token = entered(owners)
    session = owners.session(token)
    assert session is not None
    assert session.owner == "김하나"
    assert abs(session.expires - datetime.now(UTC) - SESSION) < timedelta(minutes=1)
    with database.writing() as connection:
        connection.execute(update(sessions).values(expires=datetime.now(UTC)))
    assert owners.session(token) is None


def test_expired_sessions_are_swept_at_the_next_log_in(owners: Owners, database: Database) -> None:
    entered(owners)
    with database.writing() as connection:
        connection.execute(update(sessions).values(expires=datetime.now(UTC)))
    entered(owners)
    with database.reading() as connection:
        assert len(connection.execute(select(sessions)).all()) == 1


@pytest.mark.parametrize("token", [None, "", "x", "가나다", "x" * 5000])
def test_what_is_no_session_opens_nothing(owners: Owners, token: str | None) -> None:
    entered(owners)
    assert owners.session(token) is None


def test_each_session_has_forms_of_its_own(owners: Owners) -> None:
    first, second = owners.session(entered(owners)), owners.session(entered(owners))
    assert first is not None
    assert second is not None
    assert len({first.csrf, second.csrf}) == 2


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(owners: Owners) -> None:
    assert owners.log_in("김하나", "다른 비밀번호예요") is None
    assert owners.log_in("이둘", PASSWORD) is None
    assert owners.log_in("김하나", "x" * 100_000) is None
    assert owners.log_in("김하나", "\ud800" * 12) is None


def test_an_unknown_name_takes_a_hash_too(owners: Owners, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    from mundap.feedback.owners import owners as module

    checked = module._is_right
    monkeypatch.setattr(
        module, "_is_right", lambda held, given: asked.append(held) or checked(held, given)
    )
    owners.log_in("이둘", PASSWORD)
    owners.log_in("김하나", PASSWORD)
    assert [held[:10] for held in asked] == ["$argon2id$"] * 2
    assert len(asked[0]) == len(asked[1])


def test_a_log_in_ends_what_the_browser_held_before(owners: Owners) -> None:
    before = entered(owners)
    after = owners.log_in("김하나", PASSWORD, before)
    assert after != before
    assert owners.session(before) is None
    assert owners.session(after) is not None


def test_a_log_out_ends_one_session_alone(owners: Owners) -> None:
    first, second = entered(owners), entered(owners)
    owners.log_out(first)
    owners.log_out("no session")
    assert owners.session(first) is None
    assert owners.session(second) is not None


def test_another_password_ends_every_session_of_that_owner(owners: Owners) -> None:
    owners.add("이둘", PASSWORD)
    mine, others = entered(owners), entered(owners, "이둘")
    owners.set_password("김하나", "아주 새로운 비밀번호")
    assert owners.session(mine) is None
    assert owners.session(others) is not None
    assert owners.log_in("김하나", PASSWORD) is None
    assert owners.log_in("김하나", "아주 새로운 비밀번호") is not None


def test_who_is_removed_is_out_at_once(owners: Owners) -> None:
    token = entered(owners)
    owners.remove("김하나")
    assert (owners.session(token), owners.exist()) == (None, False)
    for change in (owners.remove, owners.require):
        with pytest.raises(OwnerError, match="김하나 is no owner; the owners are not yet any"):
            change("김하나")


def test_every_deed_is_recorded_and_no_name_that_is_no_owners(
    owners: Owners, database: Database
) -> None:
    token = entered(owners)
    owners.log_in("김하나", "다른 비밀번호예요")
    owners.log_in("비밀번호를 이름 칸에", PASSWORD)
    owners.log_out(token)
    owners.set_password("김하나", "아주 새로운 비밀번호", by="김하나")
    owners.remove("김하나")
    assert done(database) == [
        ("cli", "owner_added"),
        ("김하나", "log_in"),
        ("김하나", "log_in_refused"),
        ("김하나", "log_out"),
        ("김하나", "password_changed"),
        ("cli", "owner_removed"),
    ]
