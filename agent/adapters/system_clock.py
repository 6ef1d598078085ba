"""The system's clock."""

from __future__ import annotations

import time


class SystemClock:
    """Implements Clock by the monotonic clock."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Returns after that time."""
        time.sleep(seconds)
