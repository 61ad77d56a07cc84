"""The store of one FAQ: opened when it can be, as chatting goes on without."""

import logging
from functools import partial
from pathlib import Path

from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.exchanges.exchanges import Exchanges
from mundap.feedback.exchanges.old_file import take_over
from mundap.feedback.exchanges.retention import Retention
from mundap.feedback.store.awaited import open_or_await
from mundap.feedback.store.database import FILE, Database, StoreError

_LOG = logging.getLogger("mundap.store")


def open_store(settings: ChatSettings) -> Database | None:
    """Open the store of the settings, now or as soon as it can be.

    None, and a line of the log, where it never can.
    """
    directory = Home.of(settings).directory
    try:
        database = Database.awaited(settings.database_url, directory)
    except StoreError as error:
        _LOG.error("%s Visitors are answered; nothing is recorded.", error)
        return None
    database.when_connected(partial(_take_over, directory, database))
    open_or_await(database)
    return database


def _take_over(directory: Path, database: Database) -> None:
    try:
        take_over(directory, database)
    except StoreError as error:
        _LOG.error("%s", error)


def store_of(settings: ChatSettings) -> Database:
    """Open the store of the settings; raises StoreError."""
    return Database.of(settings.database_url, Home.of(settings).directory)


def is_made(settings: ChatSettings) -> bool:
    """Return whether there is a store; a server may always have one."""
    return settings.database_url is not None or (Home.of(settings).directory / FILE).exists()


def exchanges_of(
    database: Database | None, settings: ChatSettings, shared: Path | None = None
) -> Exchanges:
    """Return what records in a store, as the settings say; `shared` as `Exchanges` has it."""
    retention = Retention(settings.retention_days, settings.max_exchanges)
    return Exchanges(database, records=settings.record, retention=retention, shared=shared)
