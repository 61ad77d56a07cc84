"""Who asks, by bearer token or address, and what they may reach."""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.settings import ApiSettings

ADMIN_PREFIX = "/v1/index/"
_CLIENT_PREFIX = "/v1/"
_METRICS = "/metrics"
_CHALLENGE = {"WWW-Authenticate": "Bearer"}

Headers = Iterable[tuple[bytes, bytes]]


class Level(IntEnum):
    """What a caller has shown to be; each includes the ones before it."""

    ANYONE = 0
    CLIENT = 1
    ADMIN = 2


@dataclass(frozen=True, slots=True)
class Caller:
    """One client as rate limits and logs know it: by the name of its token or its address."""

    name: str
    level: Level


class Access:
    """Tells callers apart and turns away those who may not pass."""

    def __init__(self, settings: ApiSettings) -> None:
        named = {f"token:{name}": held for name, held in settings.tokens.items()}
        self._clients = {name: bytes.fromhex(held) for name, held in named.items()}
        self._admin = bytes.fromhex(settings.admin_token) if settings.admin_token else None

    def caller(self, headers: Headers, address: str) -> Caller:
        """Return who sent `headers` from `address`."""
        token = _bearer(headers)
        if token is None:
            return Caller(client_of(address), Level.ANYONE)
        digest = hashlib.sha256(token).digest()
        found = Caller(client_of(address), Level.ANYONE)
        # Every hash is compared, each in constant time: how long it takes tells nothing.
        for name, held in self._clients.items():
            if hmac.compare_digest(held, digest):
                found = Caller(name, Level.CLIENT)
        if self._admin is not None and hmac.compare_digest(self._admin, digest):
            found = Caller("token:admin", Level.ADMIN)
        return found

    def require(self, caller: Caller, path: str) -> None:
        """Raise ApiError 401 or 403 unless `caller` may reach `path`."""
        wanted = self._wanted(path)
        if caller.level >= wanted:
            return
        if caller.level is Level.ANYONE:
            raise ApiError(401, "token_missing", "Send `Authorization: Bearer TOKEN`.", _CHALLENGE)
        raise ApiError(403, "token_not_enough", "This token is not the administrator's.")

    def _wanted(self, path: str) -> Level:
        if self._admin is not None and path.startswith(ADMIN_PREFIX):
            return Level.ADMIN
        if self._clients and (path.startswith(_CLIENT_PREFIX) or path == _METRICS):
            return Level.CLIENT
        return Level.ANYONE


def new_token() -> tuple[str, str]:
    """Return a token of 256 random bits, for the client, and its hash, for the settings.

    A token this long needs no salt and no slow hash: there is nothing to guess it from.
    """
    token = secrets.token_urlsafe(32)
    return token, hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=1024)
def client_of(address: str) -> str:
    """Return what one client cannot change at will: its IPv4 address or its IPv6 network."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((int(known), 64), strict=False))
    return str(known)


def _bearer(headers: Headers) -> bytes | None:
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.partition(b" ")
            return token.strip() if scheme.lower() == b"bearer" else None
    return None
