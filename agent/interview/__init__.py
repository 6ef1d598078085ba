"""Layer 3: the interview itself. Pulls answers through the ports and yields what happens; prints and stores nothing."""
