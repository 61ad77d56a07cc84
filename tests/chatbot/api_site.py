"""The API of the small FAQ on a port of 127.0.0.1, in this process."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from mundap.chatbot.api.serving.app import build_api
from mundap.chatbot.api.serving.server import server_config
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.home.service import Service
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.page.chat_page import ChatPage
from mundap.chatbot.settings import ChatSettings
from tests.chatbot.small_faq import small_service

# Request line and headers of a query, as far as they say nothing of its length.
HEAD = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@dataclass(frozen=True)
class Site:
    """A running API, a client for it, and where its files lie."""

    url: str
    client: httpx.Client
    live: LiveBundle
    home: Path
    app: FastAPI

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.client.post(path, json=body, headers=headers)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def connect(self) -> socket.socket:
        host, port = self.url.removeprefix("http://").split(":")
        return socket.create_connection((host, int(port)), timeout=10)


@contextmanager
def site(
    directory: Path,
    chat: dict[str, Any] | None = None,
    *,
    page: Callable[[Service, ApiSettings], ChatPage] | None = None,
    faq: Path | None = None,
    **settings: Any,
) -> Iterator[Site]:
    """Serve until the end of the block; `directory` gets the index and the home.

    `page` is `page_of` for the chat window, or what a test has in its place.
    """
    home = directory / "home"
    chosen = ApiSettings(**{"rate_limit": "", **settings})
    known = ChatSettings(home=home, faq=faq, **(chat or {}))
    service = small_service(directory, known)
    shown = None if page is None else page(service, chosen)
    app = build_api(service, chosen, page=shown)
    with serving(app, chosen) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield Site(url, client, service.live, home, app)


@contextmanager
def serving(app: FastAPI, settings: ApiSettings) -> Iterator[str]:
    """Serve `app` as `mundap serve` does and yield its address."""
    server = uvicorn.Server(server_config(app, settings))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the API did not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def code(response: httpx.Response) -> tuple[int, str]:
    """Return the status of a refusal and the code that programs read."""
    return response.status_code, response.json()["error"]["code"]
