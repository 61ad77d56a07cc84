"""What a store holds, as tests compare it."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from mundap.feedback.exchanges.exchange_log import Logged, Wanted, page
from mundap.feedback.exchanges.exchanges import Exchanges
from mundap.feedback.store.database import Database


def rows(database: Database, table: Table) -> list[dict[str, Any]]:
    """Return the rows of a table in order, without the numbers that the store gave them."""
    with database.reading() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
    numbers = {column.name for column in table.primary_key}
    return [{name: row[name] for name in row if name not in numbers} for row in found]


def wait_for(exchanges: Exchanges, count: int) -> None:
    """Wait until so many exchanges and reactions are in the store."""
    end = time.monotonic() + 60
    while exchanges.recorded < count:
        assert time.monotonic() < end, f"{exchanges.recorded} of {count} are in the store"
        time.sleep(0.01)


def logged(folder: Path, query: str, reactions: int = 0) -> Logged:
    """Wait until a store has an exchange of this query with so many reactions; return the last."""
    database, end = Database.of(None, folder), time.monotonic() + 60
    try:
        while True:
            with database.reading() as connection:
                # Others may hold its words.
                listed = page(connection, Wanted(contains=query), 20)
            found = [one for one in listed if one.exchange.query == query]
            if found and len(found[0].reactions) >= reactions:
                return found[0]
            assert time.monotonic() < end, found
            time.sleep(0.05)
    finally:
        database.close()
