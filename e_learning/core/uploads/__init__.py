"""Files that people send, judged by what is in them and never by what they are called.

What a picture, a document and a film may be is in a module each; ``judged_upload`` is the one door.
"""

from e_learning.core.uploads.judging import DOCUMENT, FILM, PICTURE, Family, JudgedFile, judged_upload, last_part

__all__ = ["DOCUMENT", "FILM", "PICTURE", "Family", "JudgedFile", "judged_upload", "last_part"]
