"""How long exchanges stay: so many days, and so many of them at most."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select

from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges

DAYS, MOST = 180, 2_000_000
# Exchanges of one transaction, so that others can write between two.
_AT_ONCE = 500
# Seconds between the end of one tidying and the begin of the next.
_EVERY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Retention:
    """Exchanges older than `days` go with their reactions, and the oldest of more than `most`."""

    days: int = DAYS
    most: int = MOST

    def within(self, database: Database) -> Callable[[], bool]:
        """Return what deletes some of what has to go and says whether there is more.

        Once nothing has to go any more it does nothing for a day.
        """
        due = 0.0

        def step() -> bool:
            nonlocal due
            if time.monotonic() < due:
                return False
            with database.writing() as connection:
                is_more = self.delete_some(connection) == _AT_ONCE
            if not is_more:
                due = time.monotonic() + _EVERY
            return is_more

        return step

    def delete_some(self, connection: Connection) -> int:
        """Delete some of the oldest exchanges that have to go; return how many."""
        oldest = datetime.now(UTC) - timedelta(days=self.days)
        newest = connection.execute(select(func.max(exchanges.c.exchange_id))).scalar() or 0
        column = exchanges.c.exchange_id
        gone = or_(exchanges.c.time < oldest, column <= newest - self.most)
        some = select(column).where(gone).limit(_AT_ONCE)
        return connection.execute(delete(exchanges).where(column.in_(some))).rowcount
