"""Composition: from settings to everything that an interview, or the grading of a recording, needs."""
