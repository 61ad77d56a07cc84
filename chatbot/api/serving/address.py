"""Where the server listens."""

import errno
import socket
from dataclasses import dataclass

from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.settings import ChatSettings


class AddressError(ValueError):
    """Nothing can listen where the settings say."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port; `variables` is how the names of the variables that set them begin."""

    host: str
    port: int
    variables: str

    @classmethod
    def of(cls, settings: ChatSettings | ApiSettings) -> "Address":
        """Return where settings say to listen."""
        return cls(settings.host, settings.port, str(settings.model_config.get("env_prefix")))

    @property
    def url(self) -> str:
        """What a browser on this machine opens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def bind(self) -> socket.socket:
        """Return a socket that has this address; raises AddressError with how to mend it."""
        try:
            found = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
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
            raise AddressError(self._mend(error)) from None
        return listener

    def _mend(self, error: OSError) -> str:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            return (
                f"host {self.host!r} is no address of this machine. Use 127.0.0.1 for this machine "
                f"alone or 0.0.0.0 for its whole network (--host or {self.variables}HOST)."
            )
        other = self.port + 1 if self.port < 65535 else self.port - 1
        return (
            f"port {self.port} of {self.host} cannot be used ({error.strerror}). Choose another "
            f"one, for example {other} (--port {other} or {self.variables}PORT={other})."
        )
