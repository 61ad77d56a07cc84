"""Runs the API, with the page or without, until it is told to end."""

import gc
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from mundap.chatbot.api.app import build_api
from mundap.chatbot.api.connection import Connection
from mundap.chatbot.api.log import log_as_json
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.bot import Bot
from mundap.chatbot.feedback import FeedbackLog
from mundap.chatbot.home.first_run import Home, prepare
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.similarity.similarity import Similarity

# Longer than the 60 s for which nginx keeps a connection: a server that closes first makes it
# send a request into the void.
_KEEP_ALIVE = 75
# Connections that wait to be taken up; the most that Linux keeps by default is 4096.
_BACKLOG = 2048
# Threads give way this often (5 ms by default) to the event loop, which reads, writes and searches.
_SWITCH_SECONDS = 0.001


class ServerError(ValueError):
    """The API cannot listen where the settings say."""


def serve_api(
    chat: ChatSettings, settings: ApiSettings, *, index: Path | None, with_page: bool
) -> None:
    """Serve `index`, or the prepared FAQ, until Ctrl-C or SIGTERM; raises ValueError.

    What runs by then is finished within `shutdown_timeout`. One process serves: conversations,
    rate limits and counters are in its memory, and searches run beside each other in threads.
    """
    # Now rather than after minutes of training.
    listener = _listen(settings.host, settings.port)
    # Once it serves, uvicorn ends in order and then raises the signal again for this handler.
    signal.signal(signal.SIGTERM, _end)
    directory = index if index is not None else prepare(chat).index
    # The analyser holds memory for every thread that ever used it, most for the one it was loaded
    # in: that is the one of the event loop, which searches.
    live, similarity = _load(directory, chat, settings)
    page = _page(live, chat, similarity) if with_page else None
    app = build_api(live, chat, settings, similarity=similarity, page=page)
    log_as_json()
    sys.setswitchinterval(_SWITCH_SECONDS)
    # The FAQ stays for good: a collector that looks at all of it holds up every request.
    gc.collect()
    gc.freeze()
    gc.enable()
    # From here on nobody is refused: who comes a moment too early waits that moment.
    listener.listen(_BACKLOG)
    sys.stdout.write(f"{chat.title}: http://{settings.host}:{settings.port} (Ctrl-C to stop)\n")
    sys.stdout.flush()
    try:
        ApiServer(server_config(app, settings)).run(sockets=[listener])
    except KeyboardInterrupt:
        return


class ApiServer(uvicorn.Server):
    """A server that tells open pages when it is to end; they would keep it waiting."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in order."""
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.stopping.set()
        super().handle_exit(sig, frame)


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


def _load(
    directory: Path, chat: ChatSettings, settings: ApiSettings
) -> tuple[LiveBundle, Similarity]:
    live = LiveBundle.open(directory)
    retrieval = live.get().retriever.encoder
    similarity = Similarity.configured(settings.sts_encoder, chat.home, retrieval)
    # A cross-encoder loads its weights with the first pair; no client should wait for that.
    similarity.score([(chat.title, chat.title)])
    return live, similarity


def _page(live: LiveBundle, chat: ChatSettings, similarity: Similarity) -> FastAPI:
    # gradio takes seconds and 100 MB that the API alone has no use for.
    from mundap.chatbot.page.server import mount_page
    from mundap.chatbot.page.window import build_page

    feedback = FeedbackLog(Home.of(chat).feedback)
    application = FastAPI(openapi_url=None)
    mount_page(application, build_page(Bot.of(live, chat), chat, feedback, similarity))
    return application


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket with this address; raises ServerError with how to mend it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            # A port that was in use a minute ago is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ServerError(
            f"port {port} of {host} cannot be listened on ({error.strerror}). Choose another with "
            "--port and --host, MUNDAP_API_PORT and MUNDAP_API_HOST, or in the table [api]."
        ) from None
    return listener


def _end(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)
