"""HTTP and sockets under an ASGI server: Daphne alone in the embedded default, uvicorn for sockets in production."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")
os.environ.setdefault("PROCESS_KIND", "sockets")
http_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after the apps are loaded
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from e_learning.core.realtime import BrowserOrigins, NoSuchRoom  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": BrowserOrigins(
            URLRouter([re_path(r"", NoSuchRoom.as_asgi())]),
            [settings.PUBLIC_URL, *settings.CORS_ALLOWED_ORIGINS],
        ),
    }
)
