"""What a session remembers of the device that signed in."""

from dataclasses import dataclass

from django.http import HttpRequest

from e_learning.core.client_address import client_address


@dataclass(frozen=True, slots=True)
class Device:
    """Name for its owner, address and user agent; all of it as the client says, none of it trusted."""

    name: str
    address: str
    user_agent: str


def device_of(request: HttpRequest, *, name: str = "") -> Device:
    """Return the calling device; without a ``name`` of its own it is called by the start of its User-Agent."""
    user_agent = "".join(c for c in request.META.get("HTTP_USER_AGENT", "") if c.isprintable())[:200]
    return Device(name=name or user_agent[:60], address=client_address(request), user_agent=user_agent)
