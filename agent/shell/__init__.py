"""Layer 5: the command line. Thin: it reads options, builds adapters, and shows what the interview yields."""
