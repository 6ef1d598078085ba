"""How far a batch has come, how fast it is, and how long it will take; counts, and never looks at a clock itself."""

from __future__ import annotations

from typing import NamedTuple


class BatchPace(NamedTuple):
    """A moment of a run."""

    total: int
    """Recordings of the manifest."""
    before: int
    """Of them, those that were on record when the run began."""
    done: int
    """By this run."""
    failed: int
    """By this run."""
    seconds: float
    """Since the first worker was asked for something."""

    @property
    def per_minute(self) -> float | None:
        """Recordings a minute; None until one is done."""
        return 60.0 * self.done / self.seconds if self.done and self.seconds > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at this rate."""
        rate = self.per_minute
        return None if rate is None else 60.0 * (self.total - self.before - self.done) / rate

    @property
    def text(self) -> str:
        """One line."""
        parts = [f"{self.before + self.done} of {self.total}"]
        rate, left = self.per_minute, self.left_s
        if rate is not None and left is not None:
            parts += [f"{rate:.1f} a minute", *([f"{duration(left)} left"] if left else [])]
        return ", ".join([*parts, *([f"{self.failed} failed"] if self.failed else [])])


def duration(seconds: float) -> str:
    """As a person says it."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{max(1, round(seconds))} s"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
