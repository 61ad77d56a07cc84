"""Bodies of requests: counted as they arrive, and not waited for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chatbot.api_site import HEAD, Site, code, site


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("open")) as running:
        yield running


def raw(api: Site, *parts: bytes) -> tuple[int, dict[str, Any]]:
    """Send bytes as they are and return status and JSON of the response."""
    with api.connect() as connection:
        for part in parts:
            connection.sendall(part)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_a_body_that_claims_a_gigabyte_is_refused_before_it_is_sent(api: Site) -> None:
    status, body = raw(api, HEAD, b"Content-Length: 1000000000\r\n\r\n")
    assert (status, body["error"]["code"]) == (413, "body_too_large")


def test_a_body_that_claims_nothing_is_counted_as_it_arrives(tmp_path: Path) -> None:
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    with site(tmp_path, max_body_bytes=2048) as api:
        status, body = raw(api, HEAD, b"Transfer-Encoding: chunked\r\n\r\n", chunk * 3)
        assert (status, body["error"]["code"]) == (413, "body_too_large")
        assert "2048 bytes" in body["error"]["message"]


def test_a_client_that_sends_all_before_it_listens_still_learns_why(tmp_path: Path) -> None:
    with site(tmp_path, max_body_bytes=2048) as api:
        for content in (b" " * 4_000_000, iter([b" " * 4_000_000])):
            response = api.client.post(
                "/v1/ask", content=content, headers={"Content-Type": "application/json"}
            )
            assert code(response) == (413, "body_too_large")


def test_a_body_that_does_not_arrive_is_not_waited_for(tmp_path: Path) -> None:
    with site(tmp_path, body_timeout=0.05) as api:
        status, body = raw(api, HEAD, b'Content-Length: 100\r\n\r\n{"query":')
        assert (status, body["error"]["code"]) == (408, "body_too_slow")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"\xff\xfe",
        b"null",
        b"[" * 100_000,
        b'{"query": ' + b"9" * 10_000 + b"}",
        b'{"query": "\\ud800"}',
        b'{"\\ud800": 1}',
        b'{"query": NaN}',
        b'{"query": "\\u0000"}',
    ],
)
def test_no_bytes_make_the_server_fail(api: Site, body: bytes) -> None:
    response = api.client.post(
        "/v1/ask", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        assert set(response.json()["error"]) == {"code", "message", "request_id"}
