"""Commands and questions that the candidate puts to the interviewer."""
