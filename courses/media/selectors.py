"""Reading files: addresses for what texts show."""

import re

from courses.media.models import Asset
from e_learning.core.storage import file_address

#: As the cleaner of texts writes attributes: double quotes, entities inside.
_REFERENCE = re.compile(r'\s(src|href|poster)="asset:([^"]*)"')
_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)


def with_signed_assets(html: str, *, course_id: int) -> str:
    """Return ``html`` (cleaned) with each ``asset:<id>`` as an address that is signed and expires.

    Only files of that course are given: a reference to another's, or to none, loses its attribute.
    One statement, none where the text refers to nothing.
    """
    ids = {int(reference) for _name, reference in _REFERENCE.findall(html) if _ID.fullmatch(reference)}
    assets = Asset.objects.filter(course_id=course_id, pk__in=ids) if ids else ()
    addresses = {str(asset.pk): file_address(asset.file, called=asset.name) for asset in assets}

    def replaced(match: re.Match[str]) -> str:
        address = addresses.get(match[2])
        return f' {match[1]}="{address.replace("&", "&amp;")}"' if address else ""

    return _REFERENCE.sub(replaced, html)
