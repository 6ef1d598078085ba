"""The tables as the newest migration leaves them; a test compares the two.

Turns and grades are stored whole, as JSON; the other columns are for queries. A grade is never overwritten: a regrade
adds a row, and the latest row counts. Times are ISO 8601 in UTC, which sort as text.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
)

VERSION = "2"
"""The newest migration in migrations/versions."""
METADATA = MetaData()

SESSIONS = Table("sessions", METADATA, Column("id", String, primary_key=True), Column("started", String))
TURNS = Table(
    "turns",
    METADATA,
    Column("session_id", String, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("question_id", String, nullable=False, index=True),
    Column("signal", String, nullable=False),
    Column("rating", String),
    Column("attempt", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    Column("audio", String),
    Column("turn", JSON, nullable=False),
)
REGRADES = Table(
    "regrades",
    METADATA,
    Column("session_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("rating", String),
    Column("at", String, nullable=False),
    Column("grade", JSON, nullable=False),
    ForeignKeyConstraint(["session_id", "number"], ["turns.session_id", "turns.number"], ondelete="CASCADE"),
)
SETTINGS = Table(
    "settings", METADATA, Column("name", String, primary_key=True), Column("value", String, nullable=False)
)
INTERVIEWS = Table(
    "interviews",
    METADATA,
    Column("session_id", String, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("record", JSON, nullable=False),
)
