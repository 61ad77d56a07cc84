"""Settings that owners chose on their page: they win over the file."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from mundap.feedback.owners.deeds import record
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import settings


def chosen_settings(database: Database) -> dict[str, Any]:
    """Return what was chosen, by the name of the setting; raises StoreError."""
    with database.reading() as connection:
        rows = connection.execute(select(settings.c.key, settings.c.value))
        return {row.key: row.value for row in rows}


def choose_settings(database: Database, values: Mapping[str, Any], owner: str) -> None:
    """Keep values in place of what was chosen before; None goes back to the file's.

    One deed, whose detail names the settings and no value. Raises StoreError.
    """
    with database.writing() as connection:
        deed = record(connection, owner, "settings", {"names": sorted(values)})
        connection.execute(delete(settings).where(settings.c.key.in_(list(values))))
        kept = [
            {"key": name, "value": value, "deed": deed}
            for name, value in values.items()
            if value is not None
        ]
        if kept:
            connection.execute(insert(settings), kept)
