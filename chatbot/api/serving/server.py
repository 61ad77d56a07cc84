"""Serves the API, with the page or without, until it is told to end."""

import gc
import os
import signal
import socket
import sys
from contextlib import nullcontext, suppress
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI
from threadpoolctl import threadpool_limits

from mundap.chatbot.api.log import log_as_json
from mundap.chatbot.api.serving.address import Address
from mundap.chatbot.api.serving.app import build_api
from mundap.chatbot.api.serving.connection import Connection
from mundap.chatbot.api.serving.workers import Worker, run_workers
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.home.completion import completion
from mundap.chatbot.home.first_run import prepare
from mundap.chatbot.home.service import Service
from mundap.chatbot.page.chat_page import ChatPage
from mundap.chatbot.page.files import Files
from mundap.chatbot.settings import ChatSettings

# Longer than the 60 s for which nginx keeps a connection: a server that closes first makes it
# send a request into the void.
_KEEP_ALIVE = 75
# Connections that wait to be taken up; the most that Linux keeps by default is 4096.
_BACKLOG = 2048
# Threads give way this often (5 ms by default) to the event loop, which reads, writes and searches.
_SWITCH_SECONDS = 0.001


def run_server(
    chat: ChatSettings,
    settings: ApiSettings,
    address: Address,
    *,
    index: Path | None = None,
    with_page: bool = True,
    workers: int = 1,
) -> None:
    """Serve `index`, or the prepared FAQ, until Ctrl-C or SIGTERM; raises ValueError.

    What runs by then is finished within `shutdown_timeout`. One process serves: rate
    limits and counters are in its memory, and searches run beside each other in threads. Or
    several `workers` do, which share the address, and the limits of the settings among them.
    """
    # Now rather than after minutes of training.
    listener = address.bind()
    if workers == 1:
        _serve(listener, None, chat, settings, address, index, with_page)
        return
    signal.signal(signal.SIGTERM, _end)
    if index is None:
        prepare(chat, early=True)
    parts = {
        "threads": max(1, settings.threads // workers),
        "max_concurrent": max(1, settings.max_concurrent // workers),
    }
    serve = partial(
        _serve,
        chat=chat,
        settings=settings.model_copy(update=parts),
        address=address,
        index=index,
        with_page=with_page,
    )
    with suppress(KeyboardInterrupt), completion(chat) if index is None else nullcontext():
        run_workers(serve, listener, workers, settings.shutdown_timeout)


def _serve(
    listener: socket.socket,
    worker: Worker | None,
    chat: ChatSettings,
    settings: ApiSettings,
    address: Address,
    index: Path | None,
    with_page: bool,
) -> None:
    shared = None
    if worker is not None:
        log_as_json(is_alone=False)
        shared = worker.shared
    # Once it serves, uvicorn ends in order and then raises the signal again for this handler.
    signal.signal(signal.SIGTERM, _end)
    # The analyser holds memory for every thread that ever used it, most for the one it was loaded
    # in: that is the one of the event loop, which searches.
    # Requests use the cores. Threads of BLAS wait for the next product by turning around, which
    # doubles the processor time of a search.
    threadpool_limits(1, "blas")
    service = Service.open(index, chat, sts_encoder=settings.sts_encoder, shared=shared)
    settings = settings.model_copy(update={"host": address.host})
    page = page_of(service, settings) if with_page else None
    app = build_api(service, settings, page=page, shared=shared)
    sys.setswitchinterval(_SWITCH_SECONDS)
    # The FAQ stays for good: a collector that looks at all of it holds up every request.
    gc.collect()
    gc.freeze()
    gc.enable()
    # From here on nobody is refused: who comes a moment too early waits that moment.
    listener.listen(_BACKLOG)
    if worker is not None:
        worker.serves()
    if worker is None or worker.is_first:
        sys.stdout.write(f"{chat.title}: {address.url} (Ctrl-C to stop)\n")
        sys.stdout.flush()
    completed = completion(chat) if index is None and worker is None else nullcontext()
    with suppress(KeyboardInterrupt), completed:
        uvicorn.Server(server_config(app, settings)).run(sockets=[listener])


def server_config(app: FastAPI, settings: ApiSettings) -> uvicorn.Config:
    """Return how uvicorn serves `app`."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )


def page_of(service: Service, settings: ApiSettings) -> ChatPage:
    """Return the chat page of a service, for `build_api`."""
    os.environ["GRADIO_TEMP_DIR"] = _private_folder().name
    # gradio takes seconds and 100 MB that the API alone has no use for.
    from mundap.chatbot.page.server import dress, mount_page
    from mundap.chatbot.page.window import build_page

    application, files = FastAPI(openapi_url=None), Files()
    window = build_page(service, files, max_rows=settings.max_upload_rows)
    calls = mount_page(application, window, service.bot)
    return ChatPage(application, calls, files, partial(dress, window))


@cache
def _private_folder() -> TemporaryDirectory[str]:
    # gradio makes a folder as it starts, by default where another user's may be in its way. This
    # one goes when the process ends.
    return TemporaryDirectory(prefix="mundap-")


def _end(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)
