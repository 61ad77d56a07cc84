"""Settings of the API: the table [api] of mundap.toml, then MUNDAP_API_* variables, then flags."""

import os
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar

from limits import parse_many
from pydantic import AfterValidator, Field, StringConstraints, field_validator
from pydantic_settings import SettingsConfigDict

from mundap.chatbot.settings_file import API_TABLE, FileSettings

# `mundap token` prints one.
TokenHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


# As a browser writes it: no path, and a name of other letters than Latin ones in its xn-- form.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("wanted an origin, such as https://www.example.org: no path, no slash")
    return value


Origin = Annotated[str, AfterValidator(_origin)]


_IN_THE_STORE = (
    "what is asked goes to the store, masked, and never to the log; record = false, "
    "retention_days and max_exchanges at the top of mundap.toml bound that."
)


class ApiSettings(FileSettings):
    """Everything an owner may change about the API; an unknown key is an error."""

    table: ClassVar[str | None] = API_TABLE
    gone: ClassVar[Mapping[str, str]] = {
        "log_queries": _IN_THE_STORE,
        "max_feedback_bytes": _IN_THE_STORE,
    }
    model_config = SettingsConfigDict(env_prefix="MUNDAP_API_", extra="forbid", frozen=True)

    # Only this machine can reach the API until its owner decides otherwise.
    host: str = "127.0.0.1"
    port: int = Field(default=7861, ge=1, le=65535)

    # Name of a client -> SHA-256 of its token. While empty, everyone may ask.
    tokens: dict[str, TokenHash] = Field(default_factory=dict, repr=False)
    # SHA-256 of the token for rebuilds and roll-backs; without it those routes do not exist.
    admin_token: TokenHash | None = Field(default=None, repr=False)
    # For each client, in the notation of the package `limits`; "" for none.
    rate_limit: str = "600/minute"
    # Proxies whose X-Forwarded-For names the client, such as 127.0.0.1 for nginx beside us.
    trusted_proxies: tuple[str, ...] = ()
    # Names that the service is called by beside its host and localhost; "*" for any. Behind a proxy
    # it is the site's name.
    allowed_hosts: tuple[str, ...] = ()
    # Pages of these origins may call the API from a browser.
    cors_origins: tuple[str, ...] = ()
    # Pages of these origins may show the chat page in a frame, as widget.js does.
    embed_origins: tuple[Origin, ...] = ()

    max_body_bytes: int = Field(default=256 * 1024, ge=1024)
    # A file of 100,000 sentences, each of a hundred Korean characters.
    max_upload_bytes: int = Field(default=32 * 1024 * 1024, ge=1024)
    max_upload_rows: int = Field(default=100_000, ge=1)
    # Requests at work at once; above it a client is told to come back.
    max_concurrent: int = Field(default=400, ge=1)

    # Seconds: for a request body to arrive, for an answer, and at the end for what still runs.
    body_timeout: float = Field(default=30.0, gt=0)
    answer_timeout: float = Field(default=10.0, gt=0)
    shutdown_timeout: int = Field(default=20, ge=0)
    # The pretrained encoder leaves Python's lock for half of a search, which cores share then.
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=64)

    log_requests: bool = True

    # Encoder of sentence similarity: a directory, a hub name, "default". None: the one trained for
    # it, in the folder sts-encoder of the user's data directory, or else "mundap-small".
    sts_encoder: str | None = None

    @field_validator("rate_limit")
    @classmethod
    def _known_rate(cls, value: str) -> str:
        if value:
            parse_many(value)
        return value
