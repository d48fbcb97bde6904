"""Exports of meetings, read: who was there from when to when, as Zoom, Google Meet and Microsoft Teams tell it.

Pure: no database and no clock. What is read names people as the meeting knew them; who of them is whom in a class is
``attendance/matching.py``.
"""

from attendance.exports.reading import PROVIDERS, read_bytes, read_export
from attendance.exports.structure import BadLine, Export, ExportRefused, Participation
from attendance.exports.times import Clock

__all__ = [
    "PROVIDERS",
    "BadLine",
    "Clock",
    "Export",
    "ExportRefused",
    "Participation",
    "read_bytes",
    "read_export",
]
