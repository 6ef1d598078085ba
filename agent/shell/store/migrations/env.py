"""Alembic runs this for each migration, in the caller's connection and transaction.

So a migration that is killed leaves nothing behind: SQLite rolls back a CREATE TABLE like any other change.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
