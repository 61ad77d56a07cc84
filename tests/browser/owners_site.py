"""A site of an owner's, of another origin than the chat page, with a strict policy of its own."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_POLICY = (
    "default-src 'none'; script-src {chat} 'self'; frame-src {chat}; img-src 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'"
)


@contextmanager
def owners_site(pages: Mapping[str, str]) -> Iterator[str]:
    """Serve HTML by path until the end of the block, and yield the origin.

    `pages["chat"]`, once it is there, is the origin of the chat page: from then on nothing inline
    may run or be styled, and nothing from anywhere else is loaded.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path.partition("?")[0])
            body = (found or "").encode()
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Type", f"{_kind(self.path)}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if chat := pages.get("chat"):
                self.send_header("Content-Security-Policy", _POLICY.format(chat=chat))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            # Another site than 127.0.0.1 for a browser, not another port alone.
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _kind(path: str) -> str:
    return "text/javascript" if path.endswith(".js") else "text/html"
