"""Layer 4: one third-party library or device per file, imported when first used."""
