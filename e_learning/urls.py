"""Every address of the platform."""

from django.contrib import admin
from django.urls import include, path, re_path, register_converter
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from e_learning.core.api.paths import IdConverter, WordsConverter
from e_learning.core.health import healthz, readyz
from e_learning.core.storage import serve_media

register_converter(IdConverter, "id")
register_converter(WordsConverter, "words")

urlpatterns = [
    path("api/accounts/", include("accounts.urls")),
    path("api/courses/", include("courses.urls")),
    path("api/payments/", include("payments.urls")),
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
