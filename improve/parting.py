"""Which judged queries are held back to test with, and which are kept from an encoder to fit on."""

import hashlib
from datetime import UTC, datetime

# Of what owners judge, so much is held back for ever.
HELD_BACK = 0.2
# Of the rest, so much is kept from an encoder that trains: weights and confidence that are fitted
# on what it has learned by heart would trust it too much.
FITTED = 0.4


def is_held_back(key: str, entry_id: str | None, time: datetime) -> bool:
    """Return whether a query that is judged for the first time is a test from now on.

    What is judged of one entry in one week stays together: visitors who ask the same within days
    use each other's words, which would make a test of what has trained. `entry_id` is None where
    no entry answers it; `key` is its `match_key`.
    """
    year, week, _ = time.astimezone(UTC).isocalendar()
    return _drawn("test", f"{year}-{week} {key if entry_id is None else entry_id}") < HELD_BACK


def is_fitted(key: str) -> bool:
    """Return whether a query that is no test is kept from an encoder that trains."""
    return _drawn("fit", key) < FITTED


def _drawn(salt: str, text: str) -> float:
    """Return a number in [0, 1) that is the same for the same text on every machine."""
    digest = hashlib.sha256(f"{salt}\0{text}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
