"""Which generations were made of which state of the working copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from mundap.feedback.store.tables import publications


@dataclass(frozen=True, slots=True)
class Publication:
    """One generation that began to serve, of the working copy as it was once `deed` was done.

    The counts are of entries, against what served before.
    """

    deed: int
    time: datetime
    generation: int
    added: int
    changed: int
    removed: int


def record_publication(
    connection: Connection, deed: int, generation: int, counts: Mapping[str, int]
) -> None:
    """Write down that a generation serves from now on."""
    values = {"deed": deed, "time": datetime.now(UTC), "generation": generation}
    connection.execute(insert(publications).values({**values, **counts}))


def read_publications(connection: Connection, limit: int) -> list[Publication]:
    """Return the last publications and roll-backs, the newest first."""
    query = select(*_COLUMNS).order_by(publications.c.publication_id.desc()).limit(limit)
    return [Publication(**row) for row in connection.execute(query).mappings()]


_COLUMNS = [column for column in publications.c if column.name != "publication_id"]
