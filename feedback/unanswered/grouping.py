"""Groups what is unanswered by meaning, and keeps that in the store."""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select

from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import (
    exchanges,
    reactions,
    unanswered_grouping,
    unanswered_queries,
)
from mundap.feedback.unanswered.average_link import average_link
from mundap.feedback.unanswered.meaning import ALIKE, meanings, reader_of
from mundap.feedback.unanswered.query_digest import query_digest
from mundap.feedback.unanswered.query_vectors import query_vectors
from mundap.feedback.unanswered.unsettled import Unsettled, sure_from, unsettled
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.encoder import Vectors
from mundap.index.korean.text import clean
from mundap.index.progress import Advance

# Of more queries those asked most are grouped; an owner never comes to the end of these.
MOST = 20_000
# Cosines that differ by less are the same, rounded in two ways.
_SAME = 1e-5


def regroup(
    database: Database,
    bundle: Bundle,
    vectors: Path,
    advance: Advance = lambda done, total: None,
    *,
    most: int = MOST,
) -> int:
    """Group what is unanswered now and return the number of groups; raises StoreError.

    Other processes see the groups of before until these are whole. `vectors` is where those of the
    queries stay for the next time.
    """
    begun = time.monotonic()
    with database.reading() as connection:
        seen = {"exchange_id": _last(connection, exchanges.c.exchange_id)}
        seen["reaction_id"] = _last(connection, reactions.c.reaction_id)
        found = unsettled(connection, sure_from(bundle.confidence.answer))
    # Equal texts beside each other, whatever was asked most.
    asked = sorted(found[:most], key=lambda one: one.key)
    texts = [clean(one.query) for one in asked]
    own = query_vectors(vectors, reader_of(bundle.retriever), texts, advance)
    meant = meanings(bundle.retriever, own)
    asked = [
        replace(one, nearest=nearest) for one, nearest in zip(asked, meant.nearest, strict=True)
    ]
    groups = groups_of(asked, meant.vectors)
    row = {
        **seen,
        "time": datetime.now(UTC),
        "seconds": time.monotonic() - begun,
        "generation": bundle.manifest.generation,
        "left_out": len(found) - len(asked),
    }
    with database.writing() as connection:
        _keep(connection, groups, row)
    return len(groups)


def groups_of(asked: Sequence[Unsettled], meant: Vectors) -> list[list[Unsettled]]:
    """Return queries in groups, those asked most first; `meant` has a row for each.

    The first of a group is its most central query, which names it; the others follow in the order
    in which they are asked most.
    """
    if not asked:
        return []
    labels = average_link(meant, ALIKE)
    order = labels.argsort(kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    groups = [_named([asked[row] for row in rows], meant[rows]) for rows in parts]
    return sorted(groups, key=_most_asked_first)


def _named(members: list[Unsettled], meant: NDArray[np.float32]) -> list[Unsettled]:
    # The mean counts a query as often as it was asked.
    counts = np.array([one.count for one in members], np.float32)
    closeness = meant @ (counts @ meant) / counts.sum()
    near = closeness >= closeness.max() - _SAME
    order = sorted(
        range(len(members)),
        key=lambda row: (-members[row].count, -members[row].last.timestamp(), members[row].key),
    )
    central = next(row for row in order if near[row])
    return [members[central], *(members[row] for row in order if row != central)]


def _most_asked_first(group: list[Unsettled]) -> tuple[int, float, str]:
    last = max(one.last for one in group)
    return -sum(one.count for one in group), -last.timestamp(), group[0].key


def _keep(
    connection: Connection, groups: Sequence[Sequence[Unsettled]], grouping: dict[str, Any]
) -> None:
    rows = [
        {**asdict(one), "digest": query_digest(one.key), "group": number, "place": place}
        for number, group in enumerate(groups)
        for place, one in enumerate(group)
    ]
    connection.execute(delete(unanswered_queries))
    connection.execute(delete(unanswered_grouping))
    if rows:
        connection.execute(insert(unanswered_queries), rows)
    connection.execute(insert(unanswered_grouping), grouping)


def _last(connection: Connection, column: Any) -> int:
    return connection.execute(select(func.max(column))).scalar() or 0
