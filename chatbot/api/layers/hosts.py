"""Under which names the service answers, so that no other site can borrow a visitor's browser."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from mundap.chatbot.api.errors import ApiError

_ANY = ("0.0.0.0", "::", "")
_EVERY_NAME = "*"


class Hosts:
    """The names that a request may call the service by.

    A site may let its own name point here once a visitor has it open ("DNS rebinding"); then the
    browser takes our pages for that site's. The name in the request gives it away. An address is
    never rebound: where the service listens on every address, each of them will do.
    """

    def __init__(self, host: str, allowed: Iterable[str]) -> None:
        self._names = {name.lower() for name in (*allowed, host, "localhost")}
        self._takes_addresses = host in _ANY
        if self._takes_addresses:
            self._names.add(socket.gethostname().lower())

    def require(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Raise ApiError 421 where the service is called by a name that is not its own."""
        given = _header(headers, b"host")
        # Every browser sends one.
        if given is None or _EVERY_NAME in self._names or self._is_ours(_name(given)):
            return
        raise ApiError(
            421,
            "unknown_host",
            "The service does not answer to the name in the header Host. Its owner can add the "
            "name to allowed_hosts in the table [api] of mundap.toml, or to "
            "MUNDAP_API_ALLOWED_HOSTS.",
        )

    def _is_ours(self, name: str) -> bool:
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._takes_addresses


def require_own_page(headers: Iterable[tuple[bytes, bytes]], origins: Iterable[str] = ()) -> None:
    """Raise ApiError 403 where a page of an origin beside `origins` and our own sends this.

    Programs name no origin.
    """
    headers = list(headers)
    origin, host = _header(headers, b"origin"), _header(headers, b"host")
    if origin is None or origin in origins:
        return
    if urlsplit(origin).netloc.lower() != (host or "").lower():
        raise ApiError(403, "foreign_page", "A page of another site may not send this.")


def _header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str | None:
    found = next((value for name, value in headers if name == wanted), None)
    return None if found is None else found.decode("latin-1")


def _name(host: str) -> str:
    """Return a host without its port, and an IPv6 address without its brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
