"""Puts the page on the network."""

import socket
import sys

import gradio as gr

from chatbot.page_style import CSS, HEAD, theme, translations
from chatbot.settings import ChatSettings


class PageError(ValueError):
    """The page cannot be served where the settings say."""


def launch_page(page: gr.Blocks, settings: ChatSettings, *, block: bool = True) -> str:
    """Serve `page` on `settings.host` and `settings.port` and return its URL.

    Prints one line with the URL, then waits for Ctrl-C if `block`. Raises PageError when
    the port is taken or the host is not an address of this machine.
    """
    _require_free(settings.host, settings.port)
    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        pwa=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        i18n=translations(),
        theme=theme(),
        css=CSS,
        head=HEAD,
    )
    url = str(page.local_url)
    sys.stdout.write(f"{settings.title}: {url} (Ctrl-C to stop)\n")
    sys.stdout.flush()
    if block:
        _wait(page)
    return url


def _require_free(host: str, port: int) -> None:
    # gradio looks at 127.0.0.1 only, and takes five seconds to say so.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise PageError(
            f"cannot serve the page on {host}:{port} ({error.strerror}). Choose another port "
            f"with `make chat PORT={port + 1}` or MUNDAP_PORT={port + 1}."
        ) from None


def _wait(page: gr.Blocks) -> None:
    try:
        page.server.thread.join()
    except KeyboardInterrupt:
        page.close()
