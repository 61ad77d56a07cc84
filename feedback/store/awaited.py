"""A store that could not be opened when its server started is tried again until it can."""

import logging
import threading

from mundap.feedback.store.database import Database, StoreError

_LOG = logging.getLogger("mundap.store")
# Seconds between two tries, doubled with each, up to the last.
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 30.0


def open_or_await(database: Database) -> None:
    """Connect a store, now or as soon as it can be: a thread tries until then, or it is closed."""
    if not _connected(database):
        name = "mundap-awaited-store"
        threading.Thread(target=_try, args=(database,), name=name, daemon=True).start()


def _try(database: Database) -> None:
    pause = _FIRST_PAUSE
    while not database.closed.wait(pause):
        pause = min(2 * pause, _LAST_PAUSE)
        if _connected(database):
            _LOG.warning("%s: The store can be used now, and is recorded in.", database.name)
            return


def _connected(database: Database) -> bool:
    """Try to connect; say why not, once for each reason."""
    said = f"{database.refusal}"
    try:
        database.connect()
    except StoreError as error:
        if f"{error}" != said:
            _LOG.error("%s Visitors are answered; nothing is recorded until then.", error)
        return False
    return True
