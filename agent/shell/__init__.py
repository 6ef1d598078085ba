"""Layer 5: the command line. Thin: reads options, builds adapters, shows what the interview yields."""
