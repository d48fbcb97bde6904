"""Every read that more than one face needs."""
