"""Many recordings at once: manifests, keys, who does what next, and what a cohort shows."""
