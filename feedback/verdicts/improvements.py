"""The runs of `mundap improve`, each with its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, insert, select, update

from mundap.feedback.store.tables import improvements

State = Literal["running", "promoted", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Improvement:
    """One run; `improve/report.py` says what its report holds.

    `generation` is what it made, None while it has made none; `finished` is None while it runs.
    """

    improvement_id: int
    started: datetime
    finished: datetime | None
    state: State
    generation: int | None
    report: Mapping[str, Any]


def begin_improvement(connection: Connection, report: Mapping[str, Any]) -> int:
    """Write down that a run has begun, and return its number."""
    values = {"started": datetime.now(UTC), "state": "running", "report": report}
    done = connection.execute(insert(improvements).values(values))
    assert done.inserted_primary_key is not None
    return int(done.inserted_primary_key[0])


def end_improvement(
    connection: Connection,
    improvement_id: int,
    state: State,
    generation: int | None,
    report: Mapping[str, Any],
) -> None:
    """Write down how a run has ended."""
    values = {"finished": datetime.now(UTC), "state": state, "generation": generation}
    connection.execute(
        update(improvements)
        .where(improvements.c.improvement_id == improvement_id)
        .values({**values, "report": report})
    )


def unfinished_improvements(connection: Connection) -> list[Improvement]:
    """Return the runs that have not said how they ended, the newest first."""
    return _found(connection, select(improvements).where(improvements.c.state == "running"))


def last_improvements(connection: Connection, limit: int) -> list[Improvement]:
    """Return the last runs, the newest first."""
    return _found(connection, select(improvements).limit(limit))


def _found(connection: Connection, query: Select[Any]) -> list[Improvement]:
    rows = connection.execute(query.order_by(improvements.c.improvement_id.desc())).mappings()
    return [Improvement(**{**row, "report": row["report"] or {}}) for row in rows]
