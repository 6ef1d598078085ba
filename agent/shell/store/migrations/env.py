"""Alembic runs this for each migration: in the connection and the transaction that the caller has open."""

from __future__ import annotations

from alembic import context

# SQLite can roll back a CREATE TABLE; Alembic believes so only when told. A killed migration leaves nothing behind.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
