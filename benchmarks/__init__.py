"""Measurements that print figures; see README.md."""
