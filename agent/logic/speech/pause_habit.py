"""How long one candidate pauses, learned from the pauses that they went on after. Knows nothing of ends."""

from __future__ import annotations

import math

from pydantic import NonNegativeFloat

from agent.values.base import Value

PAUSE_S = 0.3
"""Silence from which a speaker pauses; shorter ones belong to the words."""
_USUAL_LOG_S = -0.46
"""Mean of the logarithm of people's pauses: half of them are shorter than 0.63 s."""
_WEIGHT = 10.0
"""Pauses that the usual one counts as."""
_MOST = 100.0
"""Pauses that are remembered; more of them only make older ones count less."""
_SLOWEST, _FASTEST = 2.0, 0.85


class PauseHabit(Value):
    """What is known of a candidate; nothing at first."""

    pauses: NonNegativeFloat = 0.0
    """How many pauses it rests on."""
    mean_log_s: float = 0.0
    """Mean of the natural logarithm of their seconds."""

    def after(self, seconds: float) -> PauseHabit:
        """The habit once the candidate has gone on after a pause of that length; the same for a gap between words."""
        if seconds < PAUSE_S:
            return self
        pauses = min(_MOST, self.pauses + 1)
        return PauseHabit(pauses=pauses, mean_log_s=self.mean_log_s + (math.log(seconds) - self.mean_log_s) / pauses)

    @property
    def pause_factor(self) -> float:
        """By what factor this candidate's pauses are longer than usual, as far as that is known."""
        surplus = (self.mean_log_s - _USUAL_LOG_S) * self.pauses / (self.pauses + _WEIGHT)
        return min(_SLOWEST, max(_FASTEST, math.exp(surplus)))
