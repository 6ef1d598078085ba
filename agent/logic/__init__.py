"""Layer 2: pure functions over values, and the ports that the interview needs."""
