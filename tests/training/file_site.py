"""A small web server on this machine that holds files and can misbehave."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mundap.training.data.catalogue import Origin

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONTENT = 'Q,A,label\n12시 땡!,하루가 또 가네요.,0\n사랑해 😀,"네, 저도요.",2\n'.encode()


@dataclass
class Site:
    """What the server under test holds, how it misbehaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    knows_ranges: bool = True
    states_length: bool = True
    sends_chunks: bool = False
    # The number of bytes of a body after which the server hangs up.
    hangs_up_after: int | None = None
    content_range: str | None = None
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        site, asked = self.site, self.headers.get("Range")
        site.requests.append((self.path, asked))
        if self.path in site.moved:
            self._head(302, {"Location": site.moved[self.path], "Content-Length": "0"})
        elif self.path not in site.files:
            self.send_error(404)
        else:
            self._file(site.files[self.path], asked if site.knows_ranges else None)

    def _file(self, content: bytes, asked: str | None) -> None:
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if asked and start >= len(content):
            self._head(416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"})
            return
        headers = {}
        if self.site.sends_chunks:
            headers["Transfer-Encoding"] = "chunked"
        elif self.site.states_length:
            headers["Content-Length"] = str(len(content) - start)
        if asked:
            stated = f"bytes {start}-{len(content) - 1}/{len(content)}"
            headers["Content-Range"] = self.site.content_range or stated
        self._head(206 if asked else 200, headers)
        body = content[start:]
        if self.site.sends_chunks:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        self.wfile.write(body[: self.site.hangs_up_after])

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()
    handler = type("SiteHandler", (Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob " + str(len(content)).encode() + b"\0" + content).hexdigest()


def publish(site: Site, content: bytes = CONTENT, name: str = "talk.csv") -> Origin:
    origin = Origin("owner/data", COMMIT, f"raw/{name}", blob_id(content), name.split(".")[0])
    site.files[f"/owner/data/{COMMIT}/raw/{name}"] = content
    return origin


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
