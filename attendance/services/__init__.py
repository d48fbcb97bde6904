"""Every write of attendance. Each opens its transaction, and tells after the commit."""
