"""Spoken commands, and questions that the candidate asks the interviewer."""
