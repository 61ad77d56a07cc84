"""What stands between the API and the rest of the world."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from mundap.chatbot.api.layers.access import client_of
from mundap.chatbot.api.log import FIELDS, JsonFormatter
from mundap.chatbot.page.calls import Calls
from mundap.chatbot.page.chat_page import ChatPage
from mundap.chatbot.page.files import Files
from tests.chatbot.api_site import Site, code, site

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
    monkeypatch.setattr("mundap.chatbot.api.routes.health._PROBE_EVERY", 0.0)
    with site(tmp_path) as api:
        assert api.get("/readyz").json() == {"status": "ready", "generation": 1}
        monkeypatch.setattr("mundap.chatbot.bot.Bot.search", lambda *_, **__: 1 / 0)
        assert code(api.get("/readyz")) == (503, "not_ready")
        assert api.get("/healthz").json() == {"status": "ok"}
