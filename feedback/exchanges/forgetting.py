"""Removes exchanges for good: what was in them is in no file of the store any more."""

from sqlalchemy import delete, func, select

from mundap.feedback.exchanges.exchange_log import Wanted
from mundap.feedback.owners.deeds import COMMAND_LINE, record
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges, unanswered_grouping, unanswered_queries

# Exchanges of one transaction, so that others can write between two.
_AT_ONCE = 500


def count(database: Database, wanted: Wanted) -> int:
    """Return how many exchanges are wanted; raises StoreError."""
    with database.reading() as connection:
        query = select(func.count()).select_from(exchanges).where(wanted.condition())
        return connection.execute(query).scalar_one()


def forget(database: Database, wanted: Wanted, owner: str = COMMAND_LINE) -> int:
    """Delete the exchanges that are wanted with what was done then; return how many that were.

    Their texts are overwritten, so that nobody finds them in the files; raises StoreError.
    """
    column, deleted = exchanges.c.exchange_id, 0
    with database.writing() as connection:
        # What was grouped holds texts too, and is made anew from what is left.
        connection.execute(delete(unanswered_queries))
        connection.execute(delete(unanswered_grouping))
    while True:
        with database.writing() as connection:
            some = connection.execute(
                select(column).where(wanted.condition()).order_by(column).limit(_AT_ONCE)
            ).scalars()
            gone = connection.execute(delete(exchanges).where(column.in_(list(some)))).rowcount
        deleted += gone
        if gone < _AT_ONCE:
            break
    with database.writing() as connection:
        # Not what was looked for: that may be what is to be forgotten.
        record(connection, owner, "forget", {"exchanges": deleted})
    database.clean_files("exchanges", "reactions", "unanswered_queries")
    return deleted
