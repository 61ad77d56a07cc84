"""Conversations are handed to a server of the owner's: whole, signed, and again where it fails."""

import hashlib
import hmac
import json
import logging
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from mundap.chatbot.handover import (
    Conversation,
    HandOver,
    HandOverSettings,
    NotHandedOverError,
    Said,
)
from tests.chatbot.desk import desk

TOLD = Conversation(
    conversation_id="c0ffee-0001",
    reach="010-1234-5678",
    address="https://www.example.kr/배송",
    turns=[Said(request_id="7", query="환불 언제 돼요? 😀", reply="3일 안에요.")],
)


def test_a_conversation_arrives_whole_and_signed() -> None:
    with desk(200) as found:
        found.hand_over().send(TOLD)
    ((path, headers, body),) = found.met
    assert path == "/desk?from=faq"
    expected = hmac.new("비밀".encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Mundap-Signature"] == f"sha256={expected}"
    told = json.loads(body)
    assert told.pop("sent").endswith("+00:00")
    assert told == TOLD.model_dump()


def test_without_a_secret_nothing_is_signed() -> None:
    with desk(204) as found:
        found.hand_over("").send(TOLD)
    assert "X-Mundap-Signature" not in found.met[0][1]


@pytest.mark.parametrize("first", [500, 503, 429, 302])
def test_what_fails_is_tried_again(first: int) -> None:
    with desk(first, 200) as found:
        found.hand_over().send(TOLD)
    assert [path for path, _, _ in found.met] == ["/desk?from=faq"] * 2
    assert found.met[0][2] == found.met[1][2]


def test_after_three_tries_it_is_said_that_nothing_was_handed_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with desk(500) as found, pytest.raises(NotHandedOverError, match="status 500"):
        found.hand_over().send(TOLD)
    assert (len(found.met), found.slept) == (3, [0.0, 0.5, 2.0])
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert lines == ["a conversation was not handed over (status 500)"]


def test_what_is_refused_is_not_sent_again() -> None:
    with desk(401) as found, pytest.raises(NotHandedOverError, match="status 401"):
        found.hand_over().send(TOLD)
    assert len(found.met) == 1


def test_a_server_that_is_not_there_is_no_crash() -> None:
    with desk(200) as found:
        pass
    with pytest.raises(NotHandedOverError, match="ConnectionRefusedError"):
        found.hand_over().send(TOLD)


def test_without_an_address_nothing_is_sent() -> None:
    nowhere = HandOver(HandOverSettings())
    with pytest.raises(NotHandedOverError, match="no address is set"):
        nowhere.send(TOLD)


@pytest.mark.parametrize(
    "change",
    [
        {"conversation_id": "../x"},
        {"reach": "가" * 201},
        {"address": "https://a.kr/" + "a" * 500},
        {"turns": [{"request_id": "7", "query": "?", "reply": "!"}] * 101},
        {"turns": [{"request_id": "7", "query": "가" * 20_001, "reply": "!"}]},
        {"url": "http://127.0.0.1"},
    ],
)
def test_a_conversation_is_bounded(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Conversation.model_validate({**TOLD.model_dump(), **change})


def test_a_secret_is_never_shown() -> None:
    assert "비밀" not in repr(HandOverSettings(url="https://a.kr", secret=SecretStr("비밀")))
