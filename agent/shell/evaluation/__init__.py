"""Labelled answers and their grades, for `eval`."""
