"""A server of the owner's to which conversations are handed over."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import SecretStr

from mundap.chatbot.handover import HandOver, HandOverSettings


@dataclass
class Desk:
    """The owner's server: what it met, and the statuses it answers with, the last for ever."""

    url: str
    statuses: list[int]
    met: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def hand_over(self, secret: str = "비밀") -> HandOver:
        settings = HandOverSettings(url=f"{self.url}/desk?from=faq", secret=SecretStr(secret))
        return HandOver(settings, self.slept.append)


@contextmanager
def desk(*statuses: int) -> Iterator[Desk]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.met.append((self.path, dict(self.headers), body))
            status = found.statuses.pop(0) if len(found.statuses) > 1 else found.statuses[0]
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Desk(f"http://127.0.0.1:{server.server_address[1]}", list(statuses))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()
