"""What bodies may be, and what answers are, by topic."""
