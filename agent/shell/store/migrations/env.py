"""Alembic runs this for each migration: in the connection and the transaction that the caller has open.

So a migration that is killed leaves nothing behind: SQLite takes a CREATE TABLE back like any other change.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
