"""The name that a query has in forms and indexes."""

import hashlib


def query_digest(key: str) -> str:
    """Return 32 hex digits for the `match_key` of a query."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()
