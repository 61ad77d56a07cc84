"""One line of log for each request."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.api.log import FIELDS, JsonFormatter
from tests.chatbot.api_site import site


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    caplog.set_level(logging.INFO, "mundap.api")
    return lambda: [
        json.loads(JsonFormatter().format(record))
        for record in caplog.records
        if record.message == "request"
    ]


def test_a_request_leaves_one_line_without_its_query(
    tmp_path: Path, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with site(tmp_path) as api:
        response = api.post("/v1/ask", {"query": "환불은 언제 되나요?"})
        api.get("/v1/sts?sentence1=비밀&sentence2=비밀")
    line, similarity = logged()
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "mundap.api",
        "message": "request",
        "request_id": response.headers["X-Request-ID"],
        "client": "127.0.0.1",
        "method": "POST",
        "path": "/v1/ask",
        "status": 200,
        "generation": 1,
        "kind": "answer",
        "entry_id": "refund-1",
        "score": response.json()["score"],
        "confidence": response.json()["confidence"],
        "steps": [],
    }
    assert "비밀" not in json.dumps(similarity, ensure_ascii=False)


def test_a_repair_leaves_its_name_and_no_text(
    tmp_path: Path, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with site(tmp_path) as api:
        api.post("/v1/ask", {"query": "ghksqnfdms djswp ehlskdy?"})
    (line,) = logged()
    assert line["steps"] == ["keyboard layout"]
    assert not {"ghksqnfdms", "환불은"} & set(json.dumps(line, ensure_ascii=False).split())


def test_a_line_of_the_log_is_one_line_whatever_it_holds() -> None:
    record = logging.makeLogRecord({"msg": "a\nb", FIELDS: {"path": "\n\ud800"}})
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert (json.loads(line)["message"], json.loads(line)["path"]) == ("a\nb", "\n?")
