"""Files in a bucket that speaks S3: private ones by presigned addresses, and nothing that could run shown in place."""

from typing import Any

from storages.backends.s3 import S3Storage

from e_learning.core.media_types import served_disposition, served_type


class BucketStorage(S3Storage):
    """Type and disposition are ours twice: kept with the object, and signed into each presigned address.

    The first holds for public pictures, whose addresses are plain, and for who reads the bucket by
    other ways; the second also for objects that something else put there. S3 can't ask whose session
    an address was given to: it is good until it expires, for whoever holds it (docs/decisions/0011).
    """

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        ours = {"ContentType": served_type(name), "ContentDisposition": served_disposition(name)}
        return {**super().get_object_parameters(name), **ours}

    def url(
        self,
        name: str,
        parameters: dict[str, Any] | None = None,
        expire: int | None = None,
        http_method: str | None = None,
        *,
        called: str = "",
    ) -> str:
        if self.querystring_auth:  # S3 takes these from signed requests only
            parameters = {
                "ResponseContentType": served_type(name),
                "ResponseContentDisposition": served_disposition(name, called=called),
                **(parameters or {}),
            }
        address: str = super().url(name, parameters, expire, http_method)
        return address
