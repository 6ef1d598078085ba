"""One file per command: `add` declares its options, `run` runs it and returns the exit status."""
