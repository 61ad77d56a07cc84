"""The file of thumbs that older versions wrote: taken over into the store, once."""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mundap.feedback.exchanges.exchange import Exchange, Reaction
from mundap.feedback.exchanges.kept_rows import keep
from mundap.feedback.store.database import Database, StoreError
from mundap.feedback.store.tables import exchanges

_LOG = logging.getLogger("mundap.store")
_NAME = "feedback.jsonl"


def take_over(directory: Path, database: Database) -> None:
    """Write the thumbs of a FAQ's folder into the store and rename their file; raises StoreError.

    A line that is none is left out, and the log says how many.
    """
    path = directory / _NAME
    if not path.is_file():
        return
    try:
        lines = path.read_bytes().splitlines()
        with database.writing() as connection:
            # Where the file could not be renamed the last time.
            known = set(connection.execute(select(exchanges.c.request_id)).scalars())
            found = [both for line in lines if (both := _read(line)) is not None]
            new = [both for both in found if both[0].request_id not in known]
            keep(connection, list(_in_order(new)))
        path.rename(path.with_name(f"{_NAME}.imported"))
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; its thumbs belong into the store.") from None
    if len(found) < len(lines):
        _LOG.warning("%s: %d lines were no thumbs.", path, len(lines) - len(found))


def _in_order(found: list[tuple[Exchange, Reaction]]) -> Iterator[Exchange | Reaction]:
    for exchange, reaction in found:
        yield exchange
        yield reaction


def _read(line: bytes) -> tuple[Exchange, Reaction] | None:
    """Return what a line holds, also one of the first versions, or None."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        met: dict[str, Any] = json.loads(line)
        request_id = met.get("request_id") or f"old-{hashlib.sha256(line).hexdigest()[:16]}"
        time = datetime.fromisoformat(met["time"]).astimezone(UTC)
        asked = datetime.fromisoformat(met.get("asked") or met["time"]).astimezone(UTC)
        exchange = Exchange(
            request_id=request_id,
            time=asked,
            channel=met.get("channel") or "page",
            query=met["query"],
            reading=met.get("reading") or "",
            category=met.get("category"),
            kind=met["kind"],
            entry_id=met.get("entry_id"),
            score=met.get("score"),
            confidence=met.get("confidence"),
            candidates=tuple(met.get("candidates") or ()),
            generation=met.get("generation") or 0,
            milliseconds=met.get("milliseconds"),
        )
        said = Reaction(
            request_id, time, met["value"], reason=met.get("reason"), comment=met.get("comment")
        )
        return exchange, said
    return None
