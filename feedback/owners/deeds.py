"""What owners did, in order: nothing of theirs changes without a line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from mundap.feedback.store.tables import owner_deeds

# Who works on the command line has no name that we could check.
COMMAND_LINE = "cli"


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed of an owner; deeds are numbered in the order they were done."""

    deed_id: int
    time: datetime
    owner: str
    action: str
    detail: Mapping[str, Any] | None


def record(
    connection: Connection, owner: str, action: str, detail: Mapping[str, Any] | None = None
) -> int:
    """Write down a deed, in the transaction of what it changes, and return its number."""
    values = {"time": datetime.now(UTC), "owner": owner, "action": action, "detail": detail}
    done = connection.execute(insert(owner_deeds).values(values))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


def deeds(connection: Connection, limit: int, before: int | None = None) -> list[Deed]:
    """Return the last deeds, the newest first; `before` leaves out that number and newer ones."""
    query = select(owner_deeds).order_by(owner_deeds.c.deed_id.desc()).limit(limit)
    if before is not None:
        query = query.where(owner_deeds.c.deed_id < before)
    return [Deed(**row) for row in connection.execute(query).mappings()]
