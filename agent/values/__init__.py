"""Layer 1: what things are. Frozen values, no input or output, no third-party service."""
