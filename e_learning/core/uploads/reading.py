"""The text of a document that somebody sent, for finding things in it."""

import logging
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import IO

from e_learning.core.uploads.extract import SECONDS

logger = logging.getLogger(__name__)
_PROGRAM = Path(__file__).with_name("extract.py")
_MOST_BYTES = 64 * 1024 * 1024
#: What no text has, and PostgreSQL doesn't take.
_NUL = "\x00"


def document_text(file: IO[bytes], *, name: str) -> str:
    """Return the text of a document as far as it can be read: PDF, DOCX, PPTX, ODT, ODP, EPUB, TXT and MD, by the
    ending of ``name``. Empty for any other kind, and for one that is broken or doesn't come to an end (logged).

    It is read by a process of its own, which is given a minute and a gigabyte. Up to a million characters.
    """
    ending = PurePosixPath(name).suffix.lower()
    command = [sys.executable, "-I", str(_PROGRAM), ending]
    try:
        done = subprocess.run(
            command, input=file.read(_MOST_BYTES), capture_output=True, timeout=SECONDS + 5, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        logger.warning("a document (%s) could not be read: %s", ending, type(error).__name__)
        return ""
    return done.stdout.decode().replace(_NUL, "")
