"""Asking the gateway about everything that is not final, and mending what disagrees."""
