"""A local voice mock-interview agent: asks aloud, listens, grades against a rubric, and coaches.

Importing this package imports nothing else: adapters load their library when they are built.
"""

__version__ = "0.2.0"
