"""Plans, and who has one until when."""
