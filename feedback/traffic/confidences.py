"""How sure the bot was of what visitors asked last: what another target would make of it."""

from dataclasses import dataclass

from sqlalchemy import select

from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges
from mundap.feedback.traffic.traffic import KINDS

# Of the last questions; enough for a percentage, and quick on any store.
_LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an answer from `target` on would mean: the share answered, and right of those."""

    target: float
    answered: float
    right: float | None


def confidences(database: Database) -> list[float]:
    """Return the probabilities of the last questions that asked something; raises StoreError."""
    query = (
        select(exchanges.c.confidence)
        .where(exchanges.c.kind.in_(KINDS), exchanges.c.confidence.is_not(None))
        .order_by(exchanges.c.time.desc())
        .limit(_LOOKED_AT)
    )
    with database.reading() as connection:
        return list(connection.execute(query).scalars())


def outlook(asked: list[float], target: float) -> Outlook:
    """Return what a target means for questions asked with these probabilities of being right."""
    answered = [each for each in asked if each >= target]
    share = len(answered) / len(asked) if asked else 0.0
    return Outlook(target, share, sum(answered) / len(answered) if answered else None)
