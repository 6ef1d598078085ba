"""Migrates a database of an older version to this version; run by agent/shell/store/database.py."""
