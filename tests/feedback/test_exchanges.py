import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from mundap.feedback.exchange import Thumb
from mundap.feedback.exchanges import CLIENT_BYTES, Exchanges, NotKeptError, UnknownExchangeError
from tests.feedback.an_exchange import RATED, UP, an_exchange

LARGE = 10**9


def exchanges(tmp_path: Path, *, keeps_texts: bool = False, max_bytes: int = LARGE) -> Exchanges:
    return Exchanges(tmp_path / "f.jsonl", keeps_texts=keeps_texts, max_bytes=max_bytes)


def kept(tmp_path: Path, *names: str) -> list[tuple[object, ...]]:
    path = tmp_path / "f.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [tuple(json.loads(line)[name] for name in names) for line in lines]


PERSONAL = an_exchange(query="010-1234-5678 환불", reading="me@a.kr 환불", category="010-1234-5678")


@pytest.mark.parametrize(
    ("keeps_texts", "texts"),
    [(False, ("", "", "[phone]")), (True, ("[phone] 환불", "[email] 환불", "[phone]"))],
)
def test_nothing_raw_is_kept(
    tmp_path: Path, keeps_texts: bool, texts: tuple[str, str, str]
) -> None:
    store = exchanges(tmp_path, keeps_texts=keeps_texts)
    store.add(PERSONAL)
    store.rate(replace(UP, reason="010-1234-5678", comment="me@a.kr"), "a")
    (met,) = kept(tmp_path, "query", "reading", "category", "reason", "comment")
    assert met == (*texts, "[phone]", "[email]")


def test_one_thumb_a_client_and_reply_is_one_line(tmp_path: Path) -> None:
    store = exchanges(tmp_path)
    store.add(an_exchange())
    for _ in range(590):
        store.rate(UP, "a")
    store.rate(UP, "b")
    store.rate(replace(UP, value="none"), "a")
    assert kept(tmp_path, "value") == [("up",), ("up",), ("none",)]


def test_minds_cannot_change_for_ever(tmp_path: Path) -> None:
    store = exchanges(tmp_path)
    store.add(an_exchange())
    for number in range(8):
        store.rate(replace(UP, comment=f"{number}"), "a")
    with pytest.raises(NotKeptError, match="too often"):
        store.rate(UP, "a")
    assert len(kept(tmp_path)) == 8


def test_a_thumb_on_nothing_that_is_remembered_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownExchangeError, match="5f0a"):
        exchanges(tmp_path).rate(UP, "a")
    assert kept(tmp_path) == []


def test_a_client_has_a_share_of_the_file(tmp_path: Path) -> None:
    store = exchanges(tmp_path)
    large = Thumb("5f0a", RATED, "up", None, "가" * (CLIENT_BYTES // 3 - 300))
    store.add(an_exchange())
    store.rate(large, "a")
    with pytest.raises(NotKeptError, match="too much feedback today"):
        store.rate(replace(large, value="down"), "a")
    store.rate(UP, "b")
    assert kept(tmp_path, "value") == [("up",), ("up",)]


def test_what_cannot_be_written_is_refused_and_logged_and_can_be_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = exchanges(tmp_path)
    store.add(an_exchange())
    (tmp_path / "f.jsonl").mkdir()
    for _ in range(20):
        with caplog.at_level(logging.ERROR), pytest.raises(NotKeptError, match="not be written"):
            store.rate(UP, "a")
    assert "f.jsonl: feedback not kept (" in caplog.text
    (tmp_path / "f.jsonl").rmdir()
    store.rate(UP, "a")
    assert kept(tmp_path, "value") == [("up",)]


def test_a_full_file_takes_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = exchanges(tmp_path, max_bytes=600)
    store.add(an_exchange())
    store.rate(UP, "a")
    with pytest.raises(NotKeptError, match="not be written"):
        store.rate(UP, "b")
    assert len(kept(tmp_path)) == 1
    assert "of 600 at most" in caplog.text
