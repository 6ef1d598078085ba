"""How far a batch has come, how fast it is, and how long the rest will take; the caller gives the time."""

from __future__ import annotations

from typing import NamedTuple


class BatchProgress(NamedTuple):
    """The state of a run at one moment."""

    total: int
    """Number of recordings in the manifest."""
    before: int
    """Number of recordings that need no work: saved when the run began, or the same work as another."""
    done: int
    """By this run."""
    failed: int
    """By this run."""
    seconds: float
    """Seconds since the workers were requested."""
    reused: int = 0
    """Number of those done by this run that were only read, because their sound was graded before."""

    @property
    def per_minute(self) -> float | None:
        """Recordings computed per minute; None until there is one."""
        computed = self.done - self.reused
        return 60.0 * computed / self.seconds if computed and self.seconds > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at this rate."""
        rate = self.per_minute
        return None if rate is None else 60.0 * self.rest / rate

    @property
    def rest(self) -> int:
        """Number of recordings still to be done."""
        return max(0, self.total - self.before - self.done)

    @property
    def start_text(self) -> str:
        """What a run prints when it continues an earlier one."""
        return f"{self.before} of {self.total} are done already; {self.rest} to do"

    @property
    def text(self) -> str:
        """One line."""
        parts = [f"{self.before + self.done} of {self.total}"]
        rate, left = self.per_minute, self.left_s
        if rate is not None and left is not None:
            parts += [f"{rate:.1f} a minute", *([f"{duration(left)} left"] if left else [])]
        return ", ".join([*parts, *([f"{self.failed} failed"] if self.failed else [])])


def duration(seconds: float) -> str:
    """Returns a duration in words."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{max(1, round(seconds))} s"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
