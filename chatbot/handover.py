"""A conversation that a visitor hands to people: sent to an address of the owner's, and signed."""

import hashlib
import hmac
import http.client
import json
import logging
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

_LOG = logging.getLogger("mundap.handover")
# Seconds: for one try, and before each of the next ones. A visitor waits meanwhile.
_TIMEOUT, _PAUSES = 5.0, (0.5, 2.0)

_Text = Annotated[str, StringConstraints(max_length=20_000)]


class HandOverSettings(BaseModel):
    """Where conversations are sent; without a `url` none is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")] | None = None
    # Known to the receiver too: with it he sees that a conversation comes from here.
    secret: SecretStr = Field(default=SecretStr(""))


class Said(BaseModel):
    """One question and what was replied to it, as the visitor saw it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    request_id: Annotated[str, StringConstraints(max_length=64)]
    query: _Text
    reply: _Text


class Conversation(BaseModel):
    """What a visitor hands over, and under what he wants to be reached."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    # Chosen by the page: the same again is the same conversation.
    conversation_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    reach: Annotated[str, StringConstraints(max_length=200)]
    # The page of the owner's site that the visitor was on, where that is known.
    address: Annotated[str, StringConstraints(max_length=500)] = ""
    turns: Annotated[list[Said], Field(max_length=100)]


class NotHandedOverError(Exception):
    """No try was accepted."""


class HandOver:
    """Sends conversations to one address, each until it is accepted or tried three times."""

    def __init__(
        self, settings: HandOverSettings, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._settings = settings
        self._sleep = sleep

    def send(self, conversation: Conversation) -> None:
        """Send a conversation; raises NotHandedOverError. Takes seconds where nobody answers."""
        if self._settings.url is None:
            raise NotHandedOverError("no address is set")
        sent = {"sent": datetime.now(UTC).isoformat(), **conversation.model_dump()}
        body = json.dumps(sent, ensure_ascii=False).encode("utf-8", "replace")
        problem = ""
        for pause in (0.0, *_PAUSES):
            self._sleep(pause)
            try:
                status = self._post(self._settings.url, body)
            except (OSError, http.client.HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
            else:
                if 200 <= status < 300:
                    return
                problem = f"status {status}"
                if 400 <= status < 500 and status != 429:
                    break  # it would be refused again
        _LOG.error("a conversation was not handed over (%s)", problem)
        raise NotHandedOverError(problem)

    def _post(self, url: str, body: bytes) -> int:
        """Return the status; a redirection is followed nowhere."""
        address = urlsplit(url)
        host = address.hostname or ""
        connection = (
            http.client.HTTPSConnection(
                host, address.port, timeout=_TIMEOUT, context=ssl.create_default_context()
            )
            if address.scheme == "https"
            else http.client.HTTPConnection(host, address.port, timeout=_TIMEOUT)
        )
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        secret = self._settings.secret.get_secret_value()
        if secret:
            headers["X-Mundap-Signature"] = f"sha256={signature(secret, body)}"
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


def signature(secret: str, body: bytes) -> str:
    """Return the HMAC of a body with SHA-256, in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
