"""The page that is shown to a class: its code as a QR and as digits, and how many are there.

It asks for its middle part anew every few seconds; without scripts the browser loads the whole page instead.
"""

from typing import Any, Final

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from attendance.admin.pages import KeptSession
from attendance.codes import code_shown
from attendance.models import LiveSession
from attendance.selectors.counts import count_of

REFRESH_SECONDS: Final = 3
#: How often a browser without scripts asks: each time the page is drawn anew.
RELOAD_SECONDS: Final = 6


class CodePage(KeptSession):
    """Mixin: ``…/{id}/code/`` for who may keep the session's register, and ``…/code/now/``, its middle part."""

    def get_urls(self) -> list[URLPattern]:
        now = self.admin_site.admin_view(self.code_now)
        return [path("<path:object_id>/code/now/", now, name="attendance_livesession_code_now"), *super().get_urls()]

    @action(description=_("Show the code"), url_path="code", permissions=["keep"])
    def code(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        session = self.session_kept(request, object_id)
        seconds = {"refresh_seconds": REFRESH_SECONDS, "reload_seconds": RELOAD_SECONDS}
        return TemplateResponse(request, "attendance/code.html", _shown(session) | seconds)

    def code_now(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        return TemplateResponse(request, "attendance/code_now.html", _shown(self.session_kept(request, object_id)))


def _shown(session: LiveSession) -> dict[str, Any]:
    """Return what the page says at this moment. Three statements with the session: two count."""
    now, count = timezone.now(), count_of(session)
    shown = code_shown(session, now) if session.is_standing else None
    return {
        "session": session,
        "shown": shown,
        "qr": mark_safe(shown.qr_svg) if shown else "",  # noqa: S308 - drawn by us, of digits alone
        "there": count.present + count.late,
        "total": count.total,
        "is_early": now < session.check_in_opens,
        "is_over": now > session.check_in_closes,
    }
