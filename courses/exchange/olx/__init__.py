"""Reads a course in OLX, Open edX's exchange format, from a folder or a ``.tar.gz``.

Needs no database and runs nothing it reads: ``with open_course(path) as files: read_course(files)``.
What comes back is in ``structure``. The format:
https://docs.openedx.org/en/latest/educators/navigation/olx.html
"""

from courses.exchange.olx.errors import ImportRefused
from courses.exchange.olx.files import CourseFiles, Limits, open_course
from courses.exchange.olx.reader import read_course

__all__ = ["CourseFiles", "ImportRefused", "Limits", "open_course", "read_course"]
