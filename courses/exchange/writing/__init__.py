"""Writes a course that was read: over the same rows when it comes again, found by ``external_id``.

In the caller's transaction, a few statements for any number of rows. Nothing here counts or indexes
the course: the caller does that once, when everything stands.
"""
