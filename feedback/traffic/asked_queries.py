"""What visitors asked lately, each query once."""

from sqlalchemy import Connection, select

from mundap.feedback.store.tables import exchanges
from mundap.index.korean.text import match_key

# Exchanges looked at for each query that is wanted: many ask the same.
_LOOKED_AT = 5


def recent_queries(connection: Connection, limit: int) -> list[str]:
    """Return up to `limit` different queries of the last exchanges, the newest first.

    Nobody has said what answers them; what is not kept of an exchange is left out.
    """
    newest = exchanges.c.exchange_id.desc()
    wanted = select(exchanges.c.query).order_by(newest).limit(_LOOKED_AT * limit)
    found: dict[str, str] = {}
    for query in connection.execute(wanted).scalars():
        found.setdefault(match_key(query), query)
    found.pop("", None)
    return list(found.values())[:limit]
