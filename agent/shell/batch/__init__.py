"""What `batch` does: reads a manifest, saves each outcome as it comes, and writes the rows."""
