"""What visitors asked that one entry answered."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from mundap.feedback.exchanges.exchange import Exchange
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges

MONTH = timedelta(days=30)
_COLUMNS = [column for column in exchanges.c if column.name in Exchange.__dataclass_fields__]


def query_of(database: Database, request_id: str, entry_id: str) -> str | None:
    """Return what was asked in an exchange that an entry answered; None where there is none."""
    c = exchanges.c
    wanted = select(c.query).where(c.request_id == request_id, c.entry_id == entry_id)
    with database.reading() as connection:
        found = connection.execute(wanted).scalar()
    return None if found is None else str(found)


def asked_of_entry(
    database: Database, entry_id: str, limit: int, since: timedelta = MONTH
) -> list[Exchange]:
    """Return the last exchanges whose reply was an entry, the newest first."""
    c = exchanges.c
    wanted = (
        select(*_COLUMNS)
        .where(c.entry_id == entry_id, c.time >= datetime.now(UTC) - since, c.query != "")
        .order_by(c.time.desc(), c.exchange_id.desc())
        .limit(limit)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).mappings()
        return [Exchange(**{**row, "candidates": tuple(row["candidates"])}) for row in rows]
