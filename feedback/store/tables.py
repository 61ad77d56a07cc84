"""The tables of the store: what visitors asked, what owners made of it, the FAQ as it is edited."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps none of the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a moment of any zone as one in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a moment that knows its zone."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


# Names of constraints, so that a later migration can drop them on both databases.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers rows by itself only where the type is INTEGER.
_Id = BigInteger().with_variant(Integer(), "sqlite")
_Json = JSON(none_as_null=True)

# One query and the reply to it; `Exchange` says what each column holds.
exchanges = Table(
    "exchanges",
    METADATA,
    Column("exchange_id", _Id, primary_key=True),
    Column("request_id", String(64), nullable=False, unique=True),
    Column("conversation", String(64), index=True),
    Column("time", UtcTime, nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("language", String(8)),
    Column("query", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("category", Text),
    Column("kind", String(16), nullable=False),
    Column("entry_id", Text),
    Column("score", Float),
    Column("confidence", Float),
    Column("candidates", _Json, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("milliseconds", Float),
    Index("ix_exchanges_kind_time", "kind", "time"),
    Index("ix_exchanges_entry_id_time", "entry_id", "time"),
)
# What the visitor did with the reply: chose a candidate, gave a thumb, took it back.
reactions = Table(
    "reactions",
    METADATA,
    Column("reaction_id", _Id, primary_key=True),
    Column(
        "request_id",
        ForeignKey("exchanges.request_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("time", UtcTime, nullable=False),
    # chosen, up, down, none (a thumb taken back), handed_over
    Column("value", String(16), nullable=False),
    Column("entry_id", Text),
    Column("reason", Text),
    Column("comment", Text),
)

# The working copy of the FAQ: what is there now, in the order of the file.
faq_entries = Table(
    "faq_entries",
    METADATA,
    Column("entry_id", Text, primary_key=True),
    Column("position", Integer, nullable=False, index=True),
    # Every field of the entry but its id.
    Column("entry", _Json, nullable=False),
)
# How it came to be: `before` is null for what was added, `after` for what was removed, both for
# what only moved. Changes of one deed (an import, a roll-back) share its number.
faq_changes = Table(
    "faq_changes",
    METADATA,
    Column("change_id", _Id, primary_key=True),
    Column("deed", _Id, ForeignKey("owner_deeds.deed_id"), nullable=False, index=True),
    Column("entry_id", Text, nullable=False, index=True),
    Column("position_before", Integer),
    Column("before", _Json),
    Column("position_after", Integer),
    Column("after", _Json),
)
# Which generation was made of which state of the working copy: of all deeds up to `deed`.
publications = Table(
    "publications",
    METADATA,
    Column("publication_id", _Id, primary_key=True),
    Column("deed", _Id, ForeignKey("owner_deeds.deed_id"), nullable=False),
    Column("time", UtcTime, nullable=False, index=True),
    Column("generation", Integer, nullable=False, index=True),
    # counts of entries: added, changed, removed
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
)

owners = Table(
    "owners",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
)
sessions = Table(
    "sessions",
    METADATA,
    # SHA-256 of what the browser holds.
    Column("digest", String(64), primary_key=True),
    Column("owner", ForeignKey("owners.name", ondelete="CASCADE"), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False, index=True),
)
# Everything an owner ever did: who, when, what (edit, import, publish, roll back, log in ...).
# `owner` is a name, or "cli": it stays when the owner goes.
owner_deeds = Table(
    "owner_deeds",
    METADATA,
    Column("deed_id", _Id, primary_key=True),
    Column("time", UtcTime, nullable=False, index=True),
    Column("owner", String(64), nullable=False),
    Column("action", String(32), nullable=False, index=True),
    Column("detail", _Json),
)

# What an owner said of a query, the only thing that improving ever learns from: `entry_id` answers
# it ("right"), does not ("wrong"), or nothing does ("uncovered", entry_id null).
judgements = Table(
    "judgements",
    METADATA,
    Column("judgement_id", _Id, primary_key=True),
    Column("deed", _Id, ForeignKey("owner_deeds.deed_id"), nullable=False),
    Column("query", Text, nullable=False),
    # match_key of the query
    Column("key", Text, nullable=False, index=True),
    Column("verdict", String(16), nullable=False),
    Column("entry_id", Text, index=True),
)
# What improving does with a judged query, decided once: what was held back to test with never
# trains anything, and what has trained tests nothing.
query_parts = Table(
    "query_parts",
    METADATA,
    # match_key of the query
    Column("key", Text, primary_key=True),
    # test, training
    Column("part", String(16), nullable=False),
    Column("since", UtcTime, nullable=False),
)
# Queries that an owner never wants to see among the unanswered again.
ignored_queries = Table(
    "ignored_queries",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("deed", _Id, ForeignKey("owner_deeds.deed_id"), nullable=False),
)
# What was unanswered when that was last grouped (`feedback/unanswered`): all of it can be made anew
# from the exchanges. Groups count up from the largest, places from the most central query.
unanswered_queries = Table(
    "unanswered_queries",
    METADATA,
    # Of the key; a key can be longer than a database indexes.
    Column("digest", String(32), primary_key=True),
    # match_key of the query
    Column("key", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("group", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first", UtcTime, nullable=False),
    Column("last", UtcTime, nullable=False),
    # Reason -> exchanges.
    Column("reasons", _Json, nullable=False),
    # The entry whose meaning is nearest; none for a query without words.
    Column("nearest", Text),
    Index("ix_unanswered_queries_group_place", "group", "place"),
)
# One row: when that was, how far it looked, and of how many queries more it knows no group.
unanswered_grouping = Table(
    "unanswered_grouping",
    METADATA,
    Column("time", UtcTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("exchange_id", _Id, nullable=False),
    Column("reaction_id", _Id, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
)

# Runs of `mundap improve`, with what was found.
improvements = Table(
    "improvements",
    METADATA,
    Column("improvement_id", _Id, primary_key=True),
    Column("started", UtcTime, nullable=False),
    Column("finished", UtcTime),
    # running, promoted, refused, failed
    Column("state", String(16), nullable=False),
    Column("generation", Integer),
    Column("report", _Json),
)
# Settings that an owner changed on the page; they win over the file.
settings = Table(
    "settings",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("value", _Json, nullable=False),
    Column("deed", _Id, ForeignKey("owner_deeds.deed_id"), nullable=False),
)
