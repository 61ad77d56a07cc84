"""The frame of the owner's page: its routes, its languages, and a proxy before it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from mundap.chatbot.api.serving.app import build_api
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.home.store import exchanges_of
from tests.chatbot.admin_site import OWNER, PASSWORD, OwnersClient, Shop
from tests.chatbot.api_site import serving

# Every route of the page, as (method, path).
ROUTES = {
    ("GET", "/admin"),
    ("POST", "/admin"),
    ("GET", "/admin/"),
    ("POST", "/admin/leave"),
    ("GET", "/admin/files/{name}"),
    ("GET", "/admin/overview"),
    ("GET", "/admin/try"),
    ("POST", "/admin/try/prepare"),
    ("GET", "/admin/changes"),
    ("POST", "/admin/changes/publish"),
    ("GET", "/admin/changes/rollback"),
    ("POST", "/admin/changes/rollback"),
    ("GET", "/admin/improve"),
    ("POST", "/admin/improve"),
    ("GET", "/admin/password"),
    ("POST", "/admin/password"),
    ("GET", "/admin/settings"),
    ("POST", "/admin/settings/{part}"),
}
# What may be asked for without a session.
DOOR = {("GET", "/admin"), ("POST", "/admin"), ("GET", "/admin/"), ("GET", "/admin/files/{name}")}


def routes(router: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every route of an application, also of the routers in it."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            context = getattr(route, "include_context", None)
            yield from routes(inner, prefix + getattr(context, "prefix", ""))
        else:
            for method in getattr(route, "methods", None) or ():
                yield method, prefix + route.path


@contextmanager
def proxy(target: str, prefix: str) -> Iterator[str]:
    """Show a service below a path of another site, as `proxy_pass` of nginx does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                self.send_error(404)
                return
            length = int(self.headers.get("Content-Length", 0))
            connection = HTTPConnection(urlsplit(target).netloc, timeout=60)
            path = self.path.removeprefix(prefix)
            connection.request(self.command, path, self.rfile.read(length), dict(self.headers))
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
        server.shutdown()
        thread.join()


def test_the_routes_are_the_ones_that_are_wanted(served: Shop) -> None:
    app = build_api(served.service, ApiSettings())
    found = {route for route in routes(app) if route[1].startswith("/admin")}
    others = {
        route
        for route in found - ROUTES
        if not re.match("/admin/(unanswered|entries|undo)", route[1])
    }
    assert (ROUTES - found, others) == (set(), set())


def test_every_route_but_the_door_wants_a_session(served: Shop) -> None:
    app = build_api(served.service, ApiSettings())
    found = {route for route in routes(app) if route[1].startswith("/admin")}
    for method, path in found - DOOR:
        answer = httpx.request(method, served.url + re.sub(r"{.*?}", "x", path))
        assert answer.status_code == 303, (method, path)


@pytest.mark.parametrize("prefix", ["/faq", "/a/b"])
def test_everything_works_below_a_path_of_another_site(served: Shop, prefix: str) -> None:
    with proxy(served.url, prefix) as url, httpx.Client(follow_redirects=True) as client:
        door = client.get(f"{url}/admin")
        assert door.status_code == 200
        action = re.search(r'<form method="post" action="([^"]+)"', door.text)
        assert action is not None
        sent = {"name": OWNER, "password": PASSWORD}
        page = client.post(urljoin(f"{url}/admin", action[1]), data=sent)
        assert (page.status_code, str(page.url)) == (200, f"{url}/admin/overview")
        # Sent to the chat page, too, and to nothing beside it.
        assert [cookie.path for cookie in client.cookies.jar] == [prefix]
        met = set()
        for address in re.findall(r'(?:href|src|action)="([^"#]+)"', page.text):
            full = urljoin(str(page.url), address)
            assert full.startswith(f"{url}/"), address
            if "leave" not in full:
                met.add(client.get(full).status_code)
        assert met == {200}


def test_a_word_in_the_address_chooses_the_language_for_good(owner: OwnersClient) -> None:
    assert '<html lang="ko">' in owner.get("overview").text
    assert '<html lang="en">' in owner.get("overview?lang=en").text
    assert '<html lang="en">' in owner.get("settings").text
    assert '<html lang="en">' in owner.get("settings?lang=fr").text


@pytest.mark.parametrize(
    ("accepted", "language"), [("en-US,en;q=0.9,ko;q=0.1", "en"), ("fr,ko;q=0.5", "ko"), ("", "ko")]
)
def test_the_browsers_language_is_spoken(served: Shop, accepted: str, language: str) -> None:
    page = httpx.get(f"{served.url}/admin", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in page.text


def test_a_store_that_broke_is_named_and_nothing_else_of_it(served: Shop) -> None:
    chat = served.service.chat
    service = replace(served.service, database=None, exchanges=exchanges_of(None, chat))
    settings = ApiSettings(rate_limit="")
    with serving(build_api(service, settings), settings) as url:
        page = httpx.get(f"{url}/admin")
        assert (page.status_code, "저장소를 쓸 수 없어요" in page.text) == (503, True)
        assert str(Path.cwd()) not in page.text
        assert (
            httpx.post(f"{url}/v1/ask", json={"query": "배송비는 얼마인가요?"}).status_code == 200
        )


def test_files_of_the_page_are_there(owner: OwnersClient) -> None:
    kinds = {
        name: owner.get(f"files/{name}").headers["content-type"]
        for name in ("style.css", "page.js", "icon.svg")
    }
    assert {name: kind.partition(";")[0] for name, kind in kinds.items()} == {
        "style.css": "text/css",
        "page.js": "text/javascript",
        "icon.svg": "image/svg+xml",
    }
