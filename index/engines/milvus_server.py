"""A Milvus server, asked so that whatever it lacks comes back as one sentence."""

import logging
import os
import threading
import time
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from mundap.index.engines.engine import EngineAbsentError, EngineAwayError, EngineError
from mundap.index.first_line import first_line

_LOG = logging.getLogger(__name__)
# "user:password" or a key; where Milvus asks for one. It is written nowhere.
TOKEN = "MUNDAP_MILVUS_TOKEN"
# Seconds: for a connection, and for an answer that a build waits for.
_CONNECT, BUILD = 2.0, 60.0
# For an answer that a visitor waits for, try by try: what went to a node of a cluster that has just
# died is never answered, and the next goes to another one.
_TRIES = (1.0, 1.0, 2.0)
# Seconds after a failure in which nobody else waits for the same, and the log is spared it.
_PAUSE = 1.0
# No collection, no alias.
_ABSENT = (100, 1600)
_NOT_LOADED = 101
# Up to this they are of pymilvus itself, which met no server; above, a server's own.
_NO_SERVER = 2


class MilvusServer:
    """One server and the one connection of this process to it; any thread may ask."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._client: Any = None
        self._lock = threading.Lock()
        self._away_until = self._said_until = 0.0
        self._reason = self._said = ""

    @staticmethod
    @cache
    def at(uri: str) -> "MilvusServer":
        """Return the server of an address; nothing is asked of it yet."""
        return MilvusServer(uri)

    def ask(self, method: str, *arguments: Any, timeout: float | None = None, **values: Any) -> Any:
        """Return what a method of `pymilvus.MilvusClient` returns.

        Without a `timeout` it is one that changes nothing and that a visitor waits for: it is asked
        a few times. Raises EngineAwayError where the server does not answer, and EngineAbsentError
        where it does not have what is asked for.
        """
        *tries, last = _TRIES if timeout is None else (timeout,)
        for seconds in tries:
            with suppress(_NoAnswerError):
                return self._ask(method, *arguments, timeout=seconds, **values)
        try:
            return self._ask(method, *arguments, timeout=last, **values)
        except _NoAnswerError as error:
            raise self._away(error.met) from None

    def _ask(self, method: str, *arguments: Any, **values: Any) -> Any:
        milvus = pymilvus()
        try:
            return getattr(self._connected(), method)(*arguments, **values)
        except EngineError:
            raise
        except Exception as error:  # besides its own, those of gRPC, and of the standard library
            code = error.code if isinstance(error, milvus.MilvusException) else None
            if code in _ABSENT:
                raise EngineAbsentError(self._without(arguments)) from None
            if code == _NOT_LOADED:
                raise EngineAwayError(
                    f"Milvus at {self.uri}: collection {arguments[0]} is not loaded, so it cannot "
                    "be searched. It is loaded again at the next look."
                ) from None
            raise _NoAnswerError(error) from None

    def forget(self) -> None:
        """Ask at once the next time, over a new connection."""
        with self._lock:
            self._client, self._away_until = None, 0.0

    def _connected(self) -> Any:
        with self._lock:
            if time.monotonic() < self._away_until:
                raise EngineAwayError(self._reason)
            if self._client is None:
                try:
                    self._client = pymilvus().MilvusClient(
                        self.uri, token=os.environ.get(TOKEN, ""), timeout=_CONNECT
                    )
                except Exception as error:  # said here: whoever waits for the lock is told at once
                    raise self._away(error) from None
            return self._client

    def _away(self, error: Exception) -> EngineAwayError:
        reason = self._met(error)
        self.tell(reason)
        if not _is_answer(error):  # whoever comes within a second need not wait for the same
            self._reason, self._away_until = reason, time.monotonic() + _PAUSE
        return EngineAwayError(reason)

    def tell(self, reason: str) -> None:
        """Log what keeps visitors waiting; the same not twice in a second."""
        now = time.monotonic()
        if reason != self._said or now > self._said_until:
            self._said, self._said_until = reason, now + _PAUSE
            _LOG.error("%s", reason)

    def _without(self, arguments: tuple[Any, ...]) -> str:
        name = arguments[0] if arguments else "?"
        return (
            f"Milvus at {self.uri}: there is no collection {name}; somebody has dropped it. "
            "Rebuild with `mundap index build`, or go back with `mundap index rollback`."
        )

    def _met(self, error: Exception) -> str:
        met = (str(getattr(error, "message", "")) or first_line(error)).splitlines()[0]
        if "auth" in met.lower():
            return f"Milvus at {self.uri} lets nobody in without {TOKEN} ({met})."
        if _is_answer(error):
            return (
                f"Milvus at {self.uri} answers that it cannot ({met}). Its own log has more; it is "
                "tried again by itself."
            )
        return (
            f"Milvus at {self.uri} does not answer ({met}). Start it, or look at the "
            "address; it is tried again by itself."
        )


class _NoAnswerError(Exception):
    """What one try met, which another may not."""

    def __init__(self, met: Exception) -> None:
        super().__init__(met)
        self.met = met


def _is_answer(error: Exception) -> bool:
    """Whether a server has said so, and can be asked other things."""
    code = error.code if isinstance(error, pymilvus().MilvusException) else None
    return isinstance(code, int) and code > _NO_SERVER


def require_uri(uri: str) -> str:
    """Return an address as a bundle may keep it; raises EngineError where it holds a password."""
    found = urlsplit(uri)
    if found.username is not None or found.password is not None:
        raise EngineError(
            f"The address of Milvus holds a user or a password, which a bundle does not keep. Give "
            f"http://{found.hostname}:{found.port or 19530} and set {TOKEN}=USER:PASSWORD."
        )
    if found.scheme not in ("http", "https"):
        raise EngineError(f"{uri!r} is no address of Milvus; wanted http://HOST:19530.")
    return uri


def pymilvus() -> Any:
    """Import pymilvus on first use; raises EngineError where it is not installed."""
    try:
        import pymilvus as found
    except ImportError:
        raise EngineError(
            "Milvus wants pymilvus, which is not installed; `pip install 'mundap[milvus]'`."
        ) from None
    # It logs every refusal with a traceback; ours are sentences.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return found
