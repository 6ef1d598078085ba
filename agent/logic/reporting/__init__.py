"""What a report of the sessions says."""
