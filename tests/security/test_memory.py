"""Every text has a length, and what is remembered is bounded in bytes."""

from typing import Any

import pytest

from tests.security.conftest import Service

pytestmark = pytest.mark.slow

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/ask", {"query": "배송", "category": "가" * 201}),
        ("/v1/ask", {"query": "가" * 1001}),
        ("/v1/ask:batch", {"queries": ["배송"], "category": "가" * 201}),
        ("/v1/ask:batch", {"queries": ["배송"] * 101}),
        ("/v1/search", {"query": "배송", "category": "가" * 201}),
        ("/v1/sts", {"sentence1": "가" * 1001, "sentence2": "나"}),
        ("/v1/feedback", {"request_id": "x" * 65, "value": "up"}),
    ],
)
def test_a_text_beyond_its_length_is_refused(
    either: Service, path: str, body: dict[str, Any]
) -> None:
    assert either.client.post(path, json=body).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"session_hash": "x" * 65},
        {"session_hash": "x" * 10 * MIB},
        {"session_hash": "a/b"},
        {"session_hash": None},
        {"data": ["x"] * 17},
        {"data": [["x"]]},
        {"data": ["a", "b", "", {"index": -1}]},
        {"fn_index": 10**6},
        {"fn_index": -1},
        {"fn_index": "0"},
    ],
)
def test_a_call_that_the_page_would_not_make_is_refused(
    service: Service, body: dict[str, Any]
) -> None:
    whole = {"fn_index": 0, "data": ["a", "b", "", "ko"], "session_hash": "x", **body}
    answer = service.client.post("/gradio_api/run/predict", json=whole)
    assert answer.status_code in {413, 422}


def test_no_body_of_a_call_makes_the_page_fail(service: Service) -> None:
    for content in (b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"data": 1e999}'):
        answer = service.client.post("/gradio_api/run/predict", content=content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_an_event_with_what_it_does_not_expect_fails_in_one_line(service: Service) -> None:
    before = len(service.log.read_bytes())
    for number in range(20):
        for count in range(1, 6):
            for data in (None, {"index": [0, 1], "value": "x"}, {"index": 9_999, "liked": True}):
                values = [None, "없는 분류", "", "ko", ""][:count]
                service.call(number, *values, event_data=data)
                service.call(number, *["ko"] * count, event_data=data)
    new = service.log.read_bytes()[before:].splitlines()
    assert b"\n".join(line for line in new if not line.startswith(b"{")).decode() == ""


@pytest.mark.long
def test_a_thousand_strangers_and_long_categories_are_forgotten(service: Service) -> None:
    """What the attack filled a gigabyte with, twice over."""

    def flood() -> None:
        for number in range(1500):
            body = {"query": "가" * 1000, "category": "가" * 200}
            service.client.post("/v1/ask", json=body)
            service.call(0, "a" * 1000, "b" * 1000, "", "ko", session_hash=f"s{number}")

    flood()
    first = service.memory
    flood()
    assert service.memory - first < 64 * MIB
