"""Which judged queries are held back to test with, and which are kept from an encoder to fit on."""

import hashlib
from datetime import UTC, datetime

# Of the queries that owners judge, so many are held back for ever.
BY_QUERY = 0.15
# And all that is judged of so many entries in one week: whether those suffer that nothing was
# learned of, and visitors who ask the same within days use each other's words.
BY_ENTRY = 0.05
# Of the rest, so much is kept from an encoder that trains: weights and confidence that are fitted
# on what it has learned by heart would trust it too much.
FITTED = 0.4


def is_held_back(key: str, entry_id: str | None, time: datetime) -> bool:
    """Return whether a query that is judged for the first time is a test from now on.

    `key` is its `match_key`, and `entry_id` the entry that was spoken of, None where no entry
    answers it.
    """
    year, week, _ = time.astimezone(UTC).isocalendar()
    if _drawn("query", key) < BY_QUERY:
        return True
    return entry_id is not None and _drawn("entry", f"{year}-{week} {entry_id}") < BY_ENTRY


def is_fitted(key: str) -> bool:
    """Return whether a query that is no test is kept from an encoder that trains."""
    return _drawn("fit", key) < FITTED


def _drawn(salt: str, text: str) -> float:
    """Return a number in [0, 1) that is the same for the same text on every machine."""
    digest = hashlib.sha256(f"{salt}\0{text}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
