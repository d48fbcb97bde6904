"""Where a request came from, when proxies of ours stand in front."""

from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address, IPv6Network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the caller's address; of an IPv6 one its /64.

    With ``TRUSTED_PROXIES`` = n the n-th entry from the right of ``X-Forwarded-For`` is believed:
    what stands further left was written by the caller and may be anything. One customer has at
    least a whole /64 (RFC 6177), and would otherwise pass every limit as somebody new each time.
    """
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES:
            return _held_by_one(str(hops[-settings.TRUSTED_PROXIES])[:64])
    return _held_by_one(str(request.META.get("REMOTE_ADDR") or "unknown"))


@lru_cache(maxsize=4096)
def _held_by_one(address: str) -> str:
    try:
        parsed = IPv6Address(address)
    except AddressValueError:  # IPv4, or what a caller wrote
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return address if parsed.is_loopback else str(IPv6Network((int(parsed), 64), strict=False))
