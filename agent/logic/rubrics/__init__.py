"""What is wrong or weak in a rubric, found by rule."""
