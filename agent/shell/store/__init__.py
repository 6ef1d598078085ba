"""The saved sessions: an SQLite file and the audio next to it."""
