"""A reader for each format, and what they share: text made plain, and what is right."""
