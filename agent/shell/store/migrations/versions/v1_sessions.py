"""Version 1: sessions, turns, regrades and settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table("sessions", sa.Column("id", sa.String, primary_key=True), sa.Column("started", sa.String))
    op.create_table(
        "turns",
        sa.Column("session_id", sa.String, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("question_id", sa.String, nullable=False, index=True),
        sa.Column("signal", sa.String, nullable=False),
        sa.Column("rating", sa.String),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("interrupted", sa.Boolean, nullable=False),
        sa.Column("audio", sa.String),
        sa.Column("turn", sa.JSON, nullable=False),
    )
    op.create_table(
        "regrades",
        sa.Column("session_id", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("rating", sa.String),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("grade", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["session_id", "number"], ["turns.session_id", "turns.number"], ondelete="CASCADE"),
    )
    op.create_table(
        "settings", sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.String, nullable=False)
    )
