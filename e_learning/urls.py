"""Every address of the platform."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from e_learning.core.health import healthz, readyz
from e_learning.core.storage import serve_media

urlpatterns = [
    path("api/accounts/", include("accounts.urls")),
    path("api/courses/", include("courses.urls")),
    path("api/payments/", include("payments.urls")),
    path("api/attendance/", include("attendance.urls")),
    path("api/chatbot/", include("chatbot.urls")),
    path("api/community/", include("community.urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(throttle_classes=[]), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema", throttle_classes=[]), name="docs"),
    path("account/", include("accounts.pages_urls")),
    path("payments/", include("payments.pages_urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    re_path(r"^media/(?P<kind>private|public)/(?P<name>.+)$", serve_media),
]

handler400 = "e_learning.core.api.errors.bad_request"
handler403 = "e_learning.core.api.errors.forbidden"
handler404 = "e_learning.core.api.errors.not_found"
handler500 = "e_learning.core.api.errors.server_error"
