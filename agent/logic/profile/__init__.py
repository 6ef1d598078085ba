"""What a CV claims, what a job asks for, and how answers compare with that."""
