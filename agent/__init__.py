"""A local voice mock-interview agent: asks aloud, listens, grades against a rubric, and coaches.

Importing this package imports nothing else: adapters load their library when they are built.
"""

import os

__version__ = "0.2.0"

# Libraries of ours report their use to their makers. They read this when they are imported, which is later.
os.environ.update(ORT_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_TELEMETRY="1", RAY_USAGE_STATS_ENABLED="0")
