"""REST faces, by topic."""
