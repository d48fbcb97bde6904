"""Keeping files."""

import hashlib
import re
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction

from courses.media.models import Asset
from e_learning.core.uploads import JudgedFile, last_part

_ENDING = re.compile(r"\.[a-z0-9]{1,8}\Z", re.IGNORECASE | re.ASCII)


def store_asset(*, course_id: int, name: str, data: bytes) -> Asset:
    """Keep ``data`` as a file of the course and return its asset; the same bytes under the same name are kept once.

    For imports: the bytes stay as they are, whatever they are, and what could carry a script is only ever
    downloaded. Of ``name`` only the last part counts, and of that only the ending goes into the store.
    """
    name, digest = last_part(name), hashlib.sha256(data).hexdigest()
    ending = _ENDING.search(name)
    file = ContentFile(data, name=f"{digest[:32]}{ending[0].lower() if ending else ''}")
    return _keep(course_id=course_id, digest=digest, name=name, file=file)[0]


def keep_asset(*, course_id: int, upload: JudgedFile) -> tuple[Asset, bool]:
    """Keep an upload as a file of the course; returns its asset and whether it is new."""
    return _keep(course_id=course_id, digest=upload.digest, name=upload.original_name, file=upload)


def _keep(*, file: File, **key: Any) -> tuple[Asset, bool]:
    """The file is written before its row: a row without its file would be a broken picture."""
    if (kept := _kept(key)) is not None:
        return kept, False
    asset = Asset(**key, size=file.size)
    asset.file.save(file.name or "", file, save=False)
    try:
        with transaction.atomic():
            asset.save(force_insert=True)
    except IntegrityError:  # somebody else kept the same at the same moment
        asset.file.delete(save=False)
        return Asset.objects.get(**key), False
    return asset, True


def _kept(key: dict[str, Any]) -> Asset | None:
    return Asset.objects.filter(**key).first()
