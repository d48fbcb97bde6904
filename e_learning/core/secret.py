"""A secret key for the embedded default: made once, kept beside the data."""

import os
import secrets
from pathlib import Path


def kept_secret_key(path: Path) -> str:
    """Return the key kept in ``path``, making it first where there is none.

    Two processes may start at once: the file is written under another name and linked into place,
    so both end with the one key that won, and neither ever reads half a file.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # the other process was first; its key is read below
        finally:
            draft.unlink()
    return path.read_text().strip()
