"""What a connection takes before there is a request: heads, their time, size and number."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.chatbot.api_site import HEAD, Site, site


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("open")) as running:
        yield running


WHOLE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def read_reply(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(b'{"status":"ok"}'):
        chunk = connection.recv(65536)
        assert chunk, received
        received += chunk


@pytest.mark.parametrize(("before", "sent"), [(b"", b""), (b"", HEAD), (WHOLE, HEAD)])
def test_a_head_that_does_not_arrive_is_not_waited_for(
    api: Site, before: bytes, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mundap.chatbot.api.serving.connection.HEAD_SECONDS", 0.05)
    with api.connect() as connection:
        connection.sendall(before)
        if before:
            read_reply(connection)
        connection.sendall(sent)
        assert connection.recv(65536) == b""


def test_a_pause_between_two_requests_is_not_cut_short(
    api: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mundap.chatbot.api.serving.connection.HEAD_SECONDS", 0.05)
    with api.connect() as kept:
        kept.sendall(WHOLE)
        read_reply(kept)
        with api.connect() as idle:
            assert idle.recv(65536) == b""  # closed: longer than a head may take has passed
        kept.sendall(WHOLE)
        read_reply(kept)


def read_to_end(connection: socket.socket) -> bytes:
    """Return what comes until the server closes, in order or not."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def test_blank_lines_are_no_head(api: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mundap.chatbot.api.serving.connection.HEAD_SECONDS", 0.05)
    with api.connect() as connection:
        connection.sendall(WHOLE)
        read_reply(connection)
        connection.sendall(b"\r\n")
        assert connection.recv(65536) == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"hello\r\n\r\n",
        b"INVENTED / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_in_the_form_of_every_error(api: Site, sent: bytes) -> None:
    with api.connect() as connection:
        connection.sendall(sent)
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 400 Bad Request"
    error = json.loads(body)["error"]
    assert (error["code"], error["message"]) == ("not_http", "This is no request of HTTP/1.1.")
    assert f"x-request-id: {error['request_id']}".encode() in head.split(b"\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /" + b"a" * 70_000,
        HEAD + b"X-Long: " + b"a" * 200_000,  # of which it counts what follows the first part
        HEAD + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",
        HEAD + b"a: b\r\n" * 20_000,
    ],
    ids=["target", "endless header", "long header", "many headers"],
)
def test_a_head_that_is_too_large_is_refused(api: Site, sent: bytes) -> None:
    with api.connect() as connection:
        with suppress(ConnectionError):
            connection.sendall(sent)
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    # What was sent in vain may reset the connection before the reason is read.
    if head:
        assert head.split(b"\r\n")[0] == b"HTTP/1.1 431 Request Header Fields Too Large"
        assert json.loads(body)["error"]["code"] == "head_too_large"
    assert api.get("/healthz").status_code == 200


@pytest.mark.parametrize("endless", [b"X-Long: ", b"1;extension="])
def test_what_stands_beside_a_body_is_limited_like_a_head(api: Site, endless: bytes) -> None:
    with api.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"0\r\n" if endless.startswith(b"X") else b"")
        connection.sendall(endless)
        with pytest.raises(ConnectionError):
            connection.sendall(b"a" * 65_536_000)


def test_requests_sent_one_behind_the_other_are_answered_in_turn(api: Site) -> None:
    last = WHOLE.replace(b"Host", b"Connection: close\r\nHost")
    with api.connect() as connection:
        connection.sendall(WHOLE * 9 + last)
        received = read_to_end(connection)
    assert received.count(b"HTTP/1.1 200 OK") == received.count(b'{"status":"ok"}') == 10


def test_a_thousand_requests_at_once_on_one_connection_are_not_kept(api: Site) -> None:
    with api.connect() as connection:
        with suppress(ConnectionError):
            connection.sendall(WHOLE * 1000)
        assert read_to_end(connection).count(b"HTTP/1.1 200 OK") <= 34
    assert api.get("/healthz").status_code == 200


def test_one_address_has_so_many_connections_and_no_more(
    api: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mundap.chatbot.api.serving.connection.PER_ADDRESS", 5)
    with ExitStack() as stack:
        for _ in range(9):
            connection = stack.enter_context(api.connect())
            try:
                connection.sendall(WHOLE)
                if not connection.recv(65536):
                    break
            except ConnectionError:
                break
        else:
            pytest.fail("nine connections were kept")
    assert api.get("/healthz").status_code == 200
