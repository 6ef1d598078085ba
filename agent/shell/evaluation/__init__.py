"""Labeled answers and their grades, for `eval`."""
