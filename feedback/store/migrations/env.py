"""Run by Alembic: upgrades over the connection that `Database` hands it."""

from typing import TYPE_CHECKING

from alembic import context

from mundap.feedback.store.tables import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Connection


def _upgrade(connection: "Connection") -> None:
    # SQLite cannot alter a table: Alembic copies it there.
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        transactional_ddl=True,
    )
    # The caller has begun the transaction, and ends it.
    context.run_migrations()


if not context.is_offline_mode():
    _upgrade(context.config.attributes["connection"])
