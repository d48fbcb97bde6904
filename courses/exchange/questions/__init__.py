"""Questions from and to other platforms: GIFT, Aiken and Moodle XML are read, GIFT and Moodle XML written.

Nothing here touches a table. ``read_questions(data)`` gives what ``structure`` describes, ``write_questions(drafts,
format)`` a text that reads back to the same. The formats:
https://docs.moodle.org/en/GIFT_format · https://docs.moodle.org/en/Aiken_format ·
https://docs.moodle.org/en/Moodle_XML_format

Kinds of question are called by their names in Moodle XML, whatever format they come in.
"""

from courses.exchange.questions.reader import FORMATS, read_questions
from courses.exchange.questions.writer import WRITTEN_FORMATS, write_questions

__all__ = ["FORMATS", "WRITTEN_FORMATS", "read_questions", "write_questions"]
