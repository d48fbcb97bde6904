"""A writer for each format: one function a type of question, or the reason why the format has no place for it."""
