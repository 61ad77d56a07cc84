"""A Milvus server, asked so that whatever it lacks comes back as one sentence."""

import logging
import os
import threading
import time
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from mundap.index.engines.engine import EngineAbsentError, EngineAwayError, EngineError
from mundap.index.first_line import first_line

_LOG = logging.getLogger(__name__)
# "user:password" or a key; where Milvus asks for one. It is written nowhere.
TOKEN = "MUNDAP_MILVUS_TOKEN"
# Seconds: for a connection, for an answer that a visitor waits for, and for one that a build does.
_CONNECT, ANSWER, BUILD = 2.0, 3.0, 60.0
# Seconds after a failure in which nobody else waits for the same.
_PAUSE = 1.0
# No collection, no alias.
_ABSENT = (100, 1600)
_NOT_LOADED = 101


class MilvusServer:
    """One server and the one connection of this process to it; any thread may ask."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._client: Any = None
        self._lock = threading.Lock()
        self._away_until = 0.0
        self._reason = ""

    @staticmethod
    @cache
    def at(uri: str) -> "MilvusServer":
        """Return the server of an address; nothing is asked of it yet."""
        return MilvusServer(uri)

    def ask(self, method: str, *arguments: Any, timeout: float = ANSWER, **values: Any) -> Any:
        """Return what a method of `pymilvus.MilvusClient` returns.

        Raises EngineAwayError where the server does not answer, and EngineAbsentError where it does
        not have what is asked for.
        """
        milvus = pymilvus()
        try:
            return getattr(self._connected(), method)(*arguments, timeout=timeout, **values)
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
            self._reason = self._met(error)
            self._away_until = time.monotonic() + _PAUSE
            _LOG.error("%s", self._reason)
            raise EngineAwayError(self._reason) from None

    def forget(self) -> None:
        """Ask at once the next time, over a new connection."""
        with self._lock:
            self._client, self._away_until = None, 0.0

    def _connected(self) -> Any:
        with self._lock:
            if time.monotonic() < self._away_until:
                raise EngineAwayError(self._reason)
            if self._client is None:
                self._client = pymilvus().MilvusClient(
                    self.uri, token=os.environ.get(TOKEN, ""), timeout=_CONNECT
                )
            return self._client

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
        return (
            f"Milvus at {self.uri} does not answer ({met}). Start it, or look at the "
            "address; it is tried again by itself."
        )


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
