"""What stands between the API and the rest of the world."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from mundap.chatbot.api.access import client_of, new_token
from mundap.chatbot.api.log import FIELDS, JsonFormatter
from mundap.chatbot.page.calls import Calls
from mundap.chatbot.page.chat_page import ChatPage
from mundap.chatbot.page.files import Files
from tests.chatbot.api_site import HEAD, Site, site

CLIENT, ADMIN = new_token(), new_token()
OPEN = ("/healthz", "/readyz", "/openapi.json")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("open")) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    tokens = {"tokens": {"shop": CLIENT[1]}, "admin_token": ADMIN[1]}
    with site(tmp_path_factory.mktemp("guarded"), **tokens) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_token_is_long_random_and_told_apart_from_its_hash() -> None:
    token, digest = new_token()
    assert len(token) == 43
    assert digest == hashlib.sha256(token.encode()).hexdigest()
    assert new_token()[0] != token


def test_without_tokens_everyone_may_ask_and_nobody_may_rebuild(api: Site) -> None:
    assert api.get("/v1/info").status_code == 200
    for method, path in [
        ("POST", "/v1/index/rebuild"),
        ("POST", "/v1/index/rollback"),
        ("GET", "/v1/index/jobs/x"),
    ]:
        assert code(api.client.request(method, path)) == (404, "not_found")
    assert not any(path.startswith("/v1/index") for path in api.app.openapi()["paths"])


@pytest.mark.parametrize("path", ["/v1/info", "/v1/faqs", "/metrics", "/v1/nope"])
def test_with_tokens_the_api_wants_one(guarded: Site, path: str) -> None:
    refused = guarded.get(path)
    assert code(refused) == (401, "token_missing")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    for wrong in (
        bearer("x"),
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {CLIENT[0]}"},
    ):
        assert code(guarded.get(path, **wrong)) == (401, "token_missing")
    # A hash that leaked opens nothing.
    assert code(guarded.get(path, **bearer(CLIENT[1]))) == (401, "token_missing")
    for token in (CLIENT[0], ADMIN[0]):
        assert guarded.get(path, **bearer(token)).status_code in (200, 404)


@pytest.mark.parametrize("path", [*OPEN, "/docs", "/docs/start.js", "/docs/swagger-ui.css"])
def test_health_and_documentation_want_no_token(guarded: Site, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_a_client_may_not_do_what_the_administrator_may(guarded: Site) -> None:
    path = "/v1/index/rollback"
    assert code(guarded.post(path, {})) == (401, "token_missing")
    assert code(guarded.post(path, {}, **bearer(CLIENT[0]))) == (403, "token_not_enough")
    # One generation: nothing to go back to.
    assert code(guarded.post(path, {}, **bearer(ADMIN[0]))) == (409, "no_rollback")


def test_the_description_names_the_tokens_that_routes_want(guarded: Site) -> None:
    paths = guarded.app.openapi()["paths"]
    wanting = {path for path, methods in paths.items() for m in methods.values() if "security" in m}
    assert wanting == set(paths) - {"/healthz", "/readyz"}


@pytest.mark.parametrize("path", [*OPEN, "/v1/info", "/v1/nope", "/metrics", "/nope"])
def test_every_response_of_the_api_has_security_headers(api: Site, path: str) -> None:
    headers = api.get(path).headers
    wanted = dict(HEADERS)
    if path == "/nope":  # where a page would be
        wanted |= {"x-frame-options": "SAMEORIGIN"}
        del wanted["cache-control"], wanted["content-security-policy"]
    assert {name: headers.get(name) for name in wanted} == wanted
    assert len(headers["x-request-id"]) == 16
    assert "server" not in headers


def test_request_ids_are_the_servers_own(api: Site) -> None:
    one, other = (api.get("/healthz", **{"X-Request-ID": "mine"}) for _ in range(2))
    assert len({one.headers["x-request-id"], other.headers["x-request-id"], "mine"}) == 3


def test_a_wrong_method_is_told_the_right_one(api: Site) -> None:
    response = api.client.delete("/v1/ask")
    assert code(response) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"
    assert api.client.options("/v1/sts").headers["allow"] == "GET, POST"


def test_a_client_that_sends_too_much_is_told_when_to_come_back(tmp_path: Path) -> None:
    with site(tmp_path, rate_limit="3/hour") as api:
        assert [api.get("/v1/info").status_code for _ in range(4)] == [200, 200, 200, 429]
        response = api.get("/v1/info")
        assert code(response) == (429, "rate_limited")
        assert 0 < int(response.headers["Retry-After"]) <= 3600
        assert api.get("/healthz").status_code == 200


def test_wrong_tokens_are_counted_so_that_nobody_can_try_them_all(tmp_path: Path) -> None:
    limits = {"rate_limit": "3/hour", "tokens": {"shop": CLIENT[1]}}
    with site(tmp_path, **limits) as api:
        statuses = [api.get("/v1/info", **bearer(f"guess-{n}")).status_code for n in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        # Its own account, wherever it comes from.
        assert api.get("/v1/info", **bearer(CLIENT[0])).status_code == 200


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("local", "local"),
    ],
)
def test_a_client_is_its_address_or_its_ipv6_network(address: str, client: str) -> None:
    assert client_of(address) == client


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


def test_a_failure_of_ours_is_logged_and_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret path /etc/passwd")

    monkeypatch.setattr("mundap.chatbot.bot.Bot.explain", lambda *_, **__: fail())
    monkeypatch.setattr("mundap.chatbot.bot.Bot.reply", lambda *_, **__: None)
    with site(tmp_path) as api:
        response = api.post("/v1/ask", {"query": "환불"})
    assert code(response) == (500, "internal")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    (failed,) = [record for record in caplog.records if record.message == "failed"]
    assert "secret path" in JsonFormatter().format(failed)
    assert getattr(failed, FIELDS)["request_id"] == response.json()["error"]["request_id"]


def test_what_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr("mundap.chatbot.bot.Bot.reply", lambda *_, **__: None)
    monkeypatch.setattr("mundap.chatbot.bot.Bot.explain", lambda *_, **__: release.wait(30))
    with site(tmp_path, answer_timeout=0.05) as api:
        response = api.post("/v1/ask:batch", {"queries": ["환불"]})
        release.set()
    assert code(response) == (503, "timeout")
    assert response.headers["Retry-After"] == "5"


def test_more_requests_than_allowed_at_once_are_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, release = threading.Event(), threading.Event()

    def wait(*_: object, **__: object) -> None:
        started.set()
        release.wait(30)

    monkeypatch.setattr("mundap.chatbot.bot.Bot.search", wait)
    with site(tmp_path, max_concurrent=1) as api:
        body = {"query": "환불은 언제 되나요? " * 10}
        first = threading.Thread(target=api.post, args=("/v1/search", body))
        first.start()
        started.wait(30)
        response = httpx.get(f"{api.url}/v1/info")
        alive = httpx.get(f"{api.url}/healthz")
        release.set()
        first.join()
    assert code(response) == (503, "busy")
    assert response.headers["Retry-After"] == "1"
    assert alive.status_code == 200


def test_other_origins_may_call_only_where_configured(tmp_path: Path, api: Site) -> None:
    origin = {"Origin": "https://shop.example"}
    preflight = {**origin, "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in api.get("/v1/info", **origin).headers
    assert api.client.options("/v1/ask", headers=preflight).status_code == 405
    with site(tmp_path, cors_origins=("https://shop.example",), rate_limit="1/hour") as open_api:
        allowed = open_api.client.options("/v1/ask", headers=preflight)
        assert allowed.headers["access-control-allow-origin"] == origin["Origin"]
        # Errors too, or a page could not tell why.
        for status in (200, 429):
            response = open_api.get("/v1/info", **origin)
            assert response.status_code == status
            assert response.headers["access-control-allow-origin"] == origin["Origin"]
        other = open_api.get("/v1/info", Origin="https://evil.example")
        assert "access-control-allow-origin" not in other.headers


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


def test_metrics_count_requests_by_route_and_replies_by_kind(tmp_path: Path) -> None:
    with site(tmp_path) as api:
        for query in ("환불은 언제 되나요?", "qqqq zzzz"):
            api.post("/v1/ask", {"query": query})
        api.get("/v1/faqs/refund-1")
        api.get("/v1/faqs/refund-2")
        api.client.request("LOCK", "/v1/ask")  # a method, but none of ours
        api.get("/nope")
        lines = api.get("/metrics").text.splitlines()
    for wanted in (
        'mundap_requests_total{method="POST",route="/v1/ask",status="200"} 2.0',
        'mundap_requests_total{method="GET",route="/v1/faqs/{entry_id:path}",status="200"} 2.0',
        'mundap_requests_total{method="GET",route="page",status="404"} 1.0',
        'mundap_request_seconds_count{route="/v1/ask"} 3.0',
        'mundap_replies_total{kind="answer"} 1.0',
        'mundap_replies_total{kind="unknown"} 1.0',
        "mundap_generation 1.0",
    ):
        assert wanted in lines
    assert not any("LOCK" in line for line in lines)
    age = next(line for line in lines if line.startswith("mundap_generation_age_seconds "))
    assert 0 <= float(age.split()[1]) < 3600


def test_a_page_is_asked_for_what_it_needs_alone(tmp_path: Path) -> None:
    page = FastAPI(openapi_url=None)

    @page.get("/{path:path}")
    async def everything(path: str) -> str:
        return f"page {path}"

    with (
        closing(Files()) as files,
        site(tmp_path, page=lambda *_: ChatPage(page, Calls({}), files)) as api,
    ):
        assert api.get("/").json() == "page "
        assert code(api.get("/v1")) == (404, "not_found")
        assert code(api.get("/v1/nope")) == (404, "not_found")
        assert code(api.client.delete("/v1/ask")) == (405, "method_not_allowed")
        headers = api.get("/assets/x.js").headers
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "cache-control" not in headers


def test_readiness_fails_where_the_index_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mundap.chatbot.api.health._PROBE_EVERY", 0.0)
    with site(tmp_path) as api:
        assert api.get("/readyz").json() == {"status": "ready", "generation": 1}
        monkeypatch.setattr("mundap.chatbot.bot.Bot.search", lambda *_, **__: 1 / 0)
        assert code(api.get("/readyz")) == (503, "not_ready")
        assert api.get("/healthz").json() == {"status": "ok"}
