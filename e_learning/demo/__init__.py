"""The demo school: its original courses as plain data, their media, and the drawings that made the media.

Nothing here knows the database; the seeding command turns these data into rows.
"""
