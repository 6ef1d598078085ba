"""From claims to evidence, rating, confidence and coaching."""
