"""How long one candidate pauses, learned from the pauses after which they continued."""

from __future__ import annotations

import math

from pydantic import NonNegativeFloat

from agent.values.base import Value

PAUSE_S = 0.3
"""Minimum silence of a pause; shorter gaps belong to the words."""
_USUAL_LOG_S = -0.46
"""Mean of the logarithm of people's pauses: half of them are shorter than 0.63 s."""
_WEIGHT = 10.0
"""Weight of people's usual pause, in number of pauses."""
_MOST = 100.0
"""Maximum number of pauses that count; with more, older ones count less."""
_SLOWEST, _FASTEST = 2.0, 0.85


class PauseHabit(Value):
    """What is known about one candidate's pauses; nothing at first."""

    pauses: NonNegativeFloat = 0.0
    """Number of pauses behind it."""
    mean_log_s: float = 0.0
    """Mean natural logarithm of the pauses in seconds."""

    def after(self, seconds: float) -> PauseHabit:
        """Returns the habit after one more pause, which is ignored if it is only a gap between words."""
        if seconds < PAUSE_S:
            return self
        pauses = min(_MOST, self.pauses + 1)
        return PauseHabit(pauses=pauses, mean_log_s=self.mean_log_s + (math.log(seconds) - self.mean_log_s) / pauses)

    @property
    def pause_factor(self) -> float:
        """The factor by which this candidate's pauses are longer than usual, as far as is known."""
        surplus = (self.mean_log_s - _USUAL_LOG_S) * self.pauses / (self.pauses + _WEIGHT)
        return min(_SLOWEST, max(_FASTEST, math.exp(surplus)))
