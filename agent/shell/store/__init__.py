"""The sessions on record: a SQLite file and the sound beside it."""
