from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mundap.feedback.exchanges.exchange import Reaction
from mundap.feedback.exchanges.exchanges import (
    CLIENT_BYTES,
    Exchanges,
    NotKeptError,
    NotOfferedError,
    UnknownExchangeError,
)
from mundap.feedback.exchanges.shared_recent import SharedRecent
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, reactions
from tests.feedback.an_exchange import EXCHANGE, RATED, UP, an_exchange
from tests.store_rows import rows


def said(database: Database, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in rows(database, reactions)]


def test_an_exchange_and_what_was_done_then_come_back_whole(database: Database) -> None:
    store = Exchanges(database)
    chosen = Reaction("5f0a", RATED, "chosen", "refund-2")
    down = Reaction("5f0a", RATED, "down", None, "wrong", "다른 걸 물었어요 😢")
    store.add(an_exchange())
    store.react(chosen, "a")
    store.react(down, "a")
    store.close()
    assert rows(database, exchanges) == [
        {**asdict(EXCHANGE), "candidates": ["refund-2", "delivery-1"]}
    ]
    assert rows(database, reactions) == [asdict(chosen), asdict(down)]
    assert (store.recorded, store.dropped) == (3, 0)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("010-1234-5678 환불", "[phone] 환불"),
        ("０１０－１２３４－５６７８ 환불", "[phone] 환불"),
        ("me@a.kr", "[email]"),
        ("９００１０１－１２３４５６７", "[resident number]"),
        ("4111 1111 1111 1111", "[card]"),
        ("환불", "환불"),
        ("\x00와 \ud800", "\ufffd와 ?"),
    ],
)
def test_no_text_of_a_visitor_is_kept_unmasked(database: Database, typed: str, kept: str) -> None:
    store = Exchanges(database)
    store.add(an_exchange(query=typed, reading=typed, category=typed))
    store.react(replace(UP, reason=typed, comment=typed), "a")
    store.close()
    (exchange,), (reaction,) = rows(database, exchanges), rows(database, reactions)
    met = [exchange[name] for name in ("query", "reading", "category")]
    assert [*met, reaction["reason"], reaction["comment"]] == [kept] * 5


def test_a_telephone_number_names_no_conversation(database: Database) -> None:
    store = Exchanges(database)
    store.add(an_exchange(conversation="01012345678"))
    store.close()
    assert [row["conversation"] for row in rows(database, exchanges)] == [None]


def test_without_records_nothing_is_written(database: Database) -> None:
    store = Exchanges(database, records=False)
    store.add(an_exchange())
    with pytest.raises(NotKeptError, match="Recording is switched off"):
        store.react(UP, "a")
    store.close()
    assert rows(database, exchanges) == rows(database, reactions) == []
    assert (store.recorded, store.dropped) == (0, 0)


def test_without_a_store_an_exchange_is_dropped_and_counted_and_a_reaction_refused() -> None:
    store = Exchanges(None)
    store.add(an_exchange())
    with pytest.raises(NotKeptError, match="could not be written"):
        store.react(UP, "a")
    store.close()
    assert (store.recorded, store.dropped) == (0, 1)


def test_one_thumb_a_client_and_reply_is_one_row(database: Database) -> None:
    store = Exchanges(database)
    store.add(an_exchange())
    for _ in range(590):
        store.react(UP, "a")
    store.react(UP, "b")
    store.react(replace(UP, value="none"), "a")
    store.close()
    assert said(database, "value") == [("up",), ("up",), ("none",)]


def test_minds_cannot_change_for_ever(database: Database) -> None:
    store = Exchanges(database)
    store.add(an_exchange())
    for number in range(8):
        store.react(replace(UP, comment=f"{number}"), "a")
    with pytest.raises(NotKeptError, match="too often"):
        store.react(UP, "a")
    store.close()
    assert said(database, "comment") == [(f"{number}",) for number in range(8)]


def test_a_reaction_to_nothing_that_is_remembered_is_refused() -> None:
    with pytest.raises(UnknownExchangeError, match="5f0a"):
        Exchanges(None).react(UP, "a")


def test_what_was_not_offered_cannot_be_chosen() -> None:
    store = Exchanges(None)
    store.add(an_exchange())
    with pytest.raises(NotOfferedError, match="coupon-1"):
        store.react(Reaction("5f0a", RATED, "chosen", "coupon-1"), "a")


def test_a_client_has_a_share_of_the_store(database: Database) -> None:
    store = Exchanges(database)
    large = replace(UP, comment="가" * (CLIENT_BYTES // 3 - 300))
    store.add(an_exchange())
    store.react(large, "a")
    with pytest.raises(NotKeptError, match="too much feedback today"):
        store.react(replace(large, value="down"), "a")
    store.react(UP, "b")
    store.close()
    assert said(database, "value") == [("up",), ("up",)]


def test_what_has_no_room_can_be_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Exchanges(database)
    store.add(an_exchange())
    with monkeypatch.context() as patch:
        patch.setattr("mundap.feedback.exchanges.writer.QUEUED", 0)
        for _ in range(20):
            with pytest.raises(NotKeptError, match="could not be written"):
                store.react(UP, "a")
    store.react(UP, "a")
    store.close()
    assert said(database, "value") == [("up",)]
    assert store.dropped == 20


def test_a_thumb_at_another_process_waits_for_the_reply_that_it_is_to(
    database: Database, tmp_path: Path
) -> None:
    one, other = (Exchanges(database, shared=tmp_path / "shared") for _ in range(2))
    one.add(an_exchange())  # written a moment later
    other.react(replace(UP, time=datetime.now(UTC)), "a")

    other.close()
    one.close()

    assert said(database, "request_id", "value") == [("5f0a", "up")]
    assert (one.recorded, other.recorded, other.dropped) == (1, 1, 0)


def test_a_thumb_to_no_reply_of_any_process_is_dropped_in_the_end(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mundap.feedback.exchanges.kept_rows._EARLY", timedelta(seconds=0.2))
    store = Exchanges(database, shared=tmp_path / "shared")
    SharedRecent(tmp_path / "shared").add("5f0a", ())
    store.react(replace(UP, time=datetime.now(UTC)), "a")

    store.close()

    assert (rows(database, reactions), store.recorded, store.dropped) == ([], 0, 1)
