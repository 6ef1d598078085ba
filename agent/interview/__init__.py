"""Layer 3: the interview itself. Gets answers through the ports and yields events; prints and stores nothing."""
