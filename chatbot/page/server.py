"""Puts the page on the network."""

import errno
import os
import socket
import sys
from typing import Any

import gradio as gr

from mundap.chatbot.page.script import START
from mundap.chatbot.page.style import CSS, HEAD, theme
from mundap.chatbot.settings import ChatSettings

# Bytes of a file of sentences, as the API's.
MAX_UPLOAD = 32 * 1024 * 1024

# The labels that gradio has not translated.
_KOREAN = {"chatbot": {"copy_message": "복사", "copied_message": "복사했어요"}}


class PageError(ValueError):
    """The page cannot be served where the settings say."""


def launch_page(page: gr.Blocks, settings: ChatSettings, *, block: bool = True) -> str:
    """Serve `page` on the host and port of the settings and return its URL.

    Prints one line with the URL, then waits for Ctrl-C if `block`. Raises PageError as
    `require_free` does.
    """
    require_free(settings.host, settings.port)
    _bypass_proxies(settings.host)
    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        prevent_thread_lock=True,
        quiet=True,
        # None of these: a tunnel to the internet, Node, a copy of each chat in the browser.
        share=False,
        ssr_mode=False,
        pwa=False,
        run_history=False,
        enable_monitoring=False,
        max_file_size=MAX_UPLOAD,
        **_look(),
    )
    url = str(page.local_url)
    sys.stdout.write(f"{settings.title}: {url} (Ctrl-C to stop)\n")
    sys.stdout.flush()
    if block:
        _wait(page)
    return url


def mount_page(application: Any, page: gr.Blocks) -> None:
    """Make `page` the root of a FastAPI application, which another server runs."""
    gr.mount_gradio_app(
        application,
        page,
        path="/",
        ssr_mode=False,
        pwa=False,
        run_history=False,
        enable_monitoring=False,
        max_file_size=MAX_UPLOAD,
        show_error=False,
        **_look(),
    )


def _look() -> dict[str, Any]:
    return {
        "footer_links": [],
        "i18n": gr.I18n(ko=_KOREAN),
        "theme": theme(),
        "css": CSS,
        "head": HEAD,
        "js": START,
    }


def require_free(host: str, port: int) -> None:
    """Raise PageError where a page cannot listen on `port` of `host`, with how to mend it.

    gradio itself looks at 127.0.0.1 only, and takes five seconds over it.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server will: a port that was in use a minute ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise PageError(_mend(host, port, error)) from None


def _mend(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return (
            f"host {host!r} is no address of this machine. Use 127.0.0.1 for this machine alone "
            "or 0.0.0.0 for its whole network (`make chat HOST=...`, MUNDAP_HOST or --host)."
        )
    other = port + 1 if port < 65535 else port - 1
    return (
        f"port {port} of {host} cannot be used ({error.strerror}). Choose another one, for "
        f"example {other} (`make chat PORT={other}`, MUNDAP_PORT={other} or --port {other})."
    )


def _bypass_proxies(host: str) -> None:
    # gradio calls its own server once; a company's proxy would look for it elsewhere.
    names = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    os.environ["no_proxy"] = ",".join(filter(None, [names, "127.0.0.1", "localhost", host]))


def _wait(page: gr.Blocks) -> None:
    try:
        page.server.thread.join()
    except KeyboardInterrupt:
        page.close(verbose=False)
