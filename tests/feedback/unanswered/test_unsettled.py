"""Which queries are unsettled, worked by hand."""

from datetime import timedelta

import pytest

from mundap.feedback.store.database import Database
from mundap.feedback.unanswered.settling import ignore
from mundap.feedback.unanswered.unsettled import Unsettled, sure_from, unsettled
from mundap.feedback.verdicts.judgements import judge
from tests.feedback.unanswered.store import DAY, ask, react

SURE = 0.9


def found(database: Database) -> list[Unsettled]:
    with database.reading() as connection:
        return unsettled(connection, SURE)


def test_equal_queries_count_once_with_their_number_and_dates(database: Database) -> None:
    nfd = "\u1112\u116a\u11ab\u1107\u116e\u11af  \u1103\u116c\u1102\u1161\u110b\u116d?"
    with database.writing() as connection:
        ask(connection, "환불 되나요?", days=3)
        ask(connection, "환불 되나요?", days=1)
        ask(connection, nfd, "suggest", days=7)
        ask(connection, "PICKUP 돼요?")
        ask(connection, "pickup 돼요?")

    assert found(database) == [
        Unsettled(
            "환불 되나요?",
            "환불 되나요?",
            3,
            DAY + timedelta(days=1),
            DAY + timedelta(days=7),
            {"unknown": 2, "suggested": 1},
        ),
        Unsettled("pickup 돼요?", "pickup 돼요?", 2, DAY, DAY, {"unknown": 2}),
    ]


@pytest.mark.parametrize(
    ("kind", "confidence", "reactions", "reason"),
    [
        ("unknown", 0.1, [], "unknown"),
        ("unknown", None, [], None),  # a greeting, an emoji, a text that is too long
        ("unknown", 0.1, ["chosen"], None),
        ("suggest", 0.5, [], "suggested"),
        ("suggest", None, [], "suggested"),
        ("suggest", 0.5, ["handed_over"], "suggested"),
        ("suggest", 0.5, ["chosen"], None),
        ("suggest", 0.5, ["chosen", "down"], "disliked"),
        ("answer", 0.97, [], None),
        ("answer", 0.97, ["down"], "disliked"),
        ("answer", 0.97, ["down", "none"], None),
        ("answer", 0.97, ["down", "up"], None),
        ("answer", 0.87, [], "unsure"),
        ("answer", 0.87, ["up"], None),
        ("answer", 0.87, ["up", "down"], "disliked"),
        ("answer", SURE, [], None),
        ("chosen", None, [], None),  # the question of an entry, which no visitor typed
    ],
)
def test_the_reply_and_what_the_visitor_did_decide(
    database: Database,
    kind: str,
    confidence: float | None,
    reactions: list[str],
    reason: str | None,
) -> None:
    with database.writing() as connection:
        request_id = ask(connection, "주차 되나요?", kind, confidence=confidence)
        for value in reactions:
            react(connection, request_id, value)

    assert [dict(one.reasons) for one in found(database)] == ([{reason: 1}] if reason else [])


def test_what_an_owner_decided_on_is_settled(database: Database) -> None:
    with database.writing() as connection:
        for query in ("하나", "둘 ", "셋", "넷"):
            ask(connection, query)
        judge(connection, "김하나", "하나", "right", "fee")
        judge(connection, "김하나", "둘", "uncovered", None)
        judge(connection, "김하나", "셋", "wrong", "fee")
        ignore(connection, "김하나", ["넷"])

    assert [one.query for one in found(database)] == ["셋"]


def test_an_exchange_without_its_text_is_left_out(database: Database) -> None:
    with database.writing() as connection:
        ask(connection, "")

    assert found(database) == []


def test_only_exchanges_since_then_are_looked_at(database: Database) -> None:
    with database.writing() as connection:
        for query in ("하나", "둘", "셋", "넷"):
            ask(connection, query)

    with database.reading() as connection:
        late = unsettled(connection, SURE, after=1)
        last = unsettled(connection, SURE, newest=1)

    assert [one.query for one in late] == ["넷", "둘", "셋"]
    assert [one.query for one in last] == ["넷"]


def test_sure_lies_a_quarter_of_the_way_above_what_an_answer_takes() -> None:
    assert sure_from(0.8) == pytest.approx(0.85)
    assert sure_from(1.0) == 1.0
