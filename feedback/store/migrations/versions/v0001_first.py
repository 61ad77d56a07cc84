"""The first tables: exchanges, the FAQ as it is edited, owners and what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Frozen here: what `feedback/store/tables.py` says later is the matter of later versions.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "exchanges",
        sa.Column("exchange_id", _ID, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("candidates", _JSON, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("exchange_id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("request_id", name=op.f("uq_exchanges_request_id")),
    )
    op.create_index(op.f("ix_exchanges_conversation"), "exchanges", ["conversation"], unique=False)
    op.create_index("ix_exchanges_entry_id_time", "exchanges", ["entry_id", "time"], unique=False)
    op.create_index("ix_exchanges_kind_time", "exchanges", ["kind", "time"], unique=False)
    op.create_index(op.f("ix_exchanges_time"), "exchanges", ["time"], unique=False)
    op.create_table(
        "faq_entries",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_faq_entries")),
    )
    op.create_index(op.f("ix_faq_entries_position"), "faq_entries", ["position"], unique=False)
    op.create_table(
        "improvements",
        sa.Column("improvement_id", _ID, nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("report", _JSON, nullable=True),
        sa.PrimaryKeyConstraint("improvement_id", name=op.f("pk_improvements")),
    )
    op.create_table(
        "owner_deeds",
        sa.Column("deed_id", _ID, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("detail", _JSON, nullable=True),
        sa.PrimaryKeyConstraint("deed_id", name=op.f("pk_owner_deeds")),
    )
    op.create_index(op.f("ix_owner_deeds_action"), "owner_deeds", ["action"], unique=False)
    op.create_index(op.f("ix_owner_deeds_time"), "owner_deeds", ["time"], unique=False)
    op.create_table(
        "owners",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_owners")),
    )
    op.create_table(
        "faq_changes",
        sa.Column("change_id", _ID, nullable=False),
        sa.Column("deed", _ID, nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("position_before", sa.Integer(), nullable=True),
        sa.Column("before", _JSON, nullable=True),
        sa.Column("position_after", sa.Integer(), nullable=True),
        sa.Column("after", _JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["deed"], ["owner_deeds.deed_id"], name=op.f("fk_faq_changes_deed")
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_faq_changes")),
    )
    op.create_index(op.f("ix_faq_changes_deed"), "faq_changes", ["deed"], unique=False)
    op.create_index(op.f("ix_faq_changes_entry_id"), "faq_changes", ["entry_id"], unique=False)
    op.create_table(
        "ignored_queries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("deed", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["deed"], ["owner_deeds.deed_id"], name=op.f("fk_ignored_queries_deed")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ignored_queries")),
    )
    op.create_table(
        "judgements",
        sa.Column("judgement_id", _ID, nullable=False),
        sa.Column("deed", _ID, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["deed"], ["owner_deeds.deed_id"], name=op.f("fk_judgements_deed")),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgements")),
    )
    op.create_index(op.f("ix_judgements_entry_id"), "judgements", ["entry_id"], unique=False)
    op.create_index(op.f("ix_judgements_key"), "judgements", ["key"], unique=False)
    op.create_table(
        "publications",
        sa.Column("publication_id", _ID, nullable=False),
        sa.Column("deed", _ID, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deed"], ["owner_deeds.deed_id"], name=op.f("fk_publications_deed")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publications")),
    )
    op.create_index(
        op.f("ix_publications_generation"), "publications", ["generation"], unique=False
    )
    op.create_index(op.f("ix_publications_time"), "publications", ["time"], unique=False)
    op.create_table(
        "query_parts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_query_parts")),
    )
    op.create_table(
        "reactions",
        sa.Column("reaction_id", _ID, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.String(length=16), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["exchanges.request_id"],
            name=op.f("fk_reactions_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reaction_id", name=op.f("pk_reactions")),
    )
    op.create_index(op.f("ix_reactions_request_id"), "reactions", ["request_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["owners.name"], name=op.f("fk_sessions_owner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires"), "sessions", ["expires"], unique=False)
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.Column("deed", _ID, nullable=False),
        sa.ForeignKeyConstraint(["deed"], ["owner_deeds.deed_id"], name=op.f("fk_settings_deed")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "unanswered_queries",
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("nearest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_unanswered_queries")),
    )
    op.create_index(
        "ix_unanswered_queries_group_place", "unanswered_queries", ["group", "place"], unique=False
    )
    op.create_table(
        "unanswered_grouping",
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("exchange_id", _ID, nullable=False),
        sa.Column("reaction_id", _ID, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
    )
