"""HTTP and sockets under an ASGI server: Daphne alone in the embedded default, uvicorn for sockets in production."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")
os.environ.setdefault("PROCESS_KIND", "sockets")
http_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after the apps are loaded
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from accounts.signin.sockets import SignedInSockets  # noqa: E402
from attendance.routing import websocket_urlpatterns as attendance_sockets  # noqa: E402
from chatbot.routing import websocket_urlpatterns as chatbot_sockets  # noqa: E402
from community.routing import websocket_urlpatterns as community_sockets  # noqa: E402
from courses.routing import websocket_urlpatterns as courses_sockets  # noqa: E402
from e_learning.core.sockets import BrowserOrigins, NoSuchRoom  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": BrowserOrigins(
            SignedInSockets(
                URLRouter(
                    [
                        *attendance_sockets,
                        *chatbot_sockets,
                        *community_sockets,
                        *courses_sockets,
                        re_path(r"", NoSuchRoom.as_asgi()),
                    ]
                )
            ),
            [settings.PUBLIC_URL, *settings.CORS_ALLOWED_ORIGINS],
        ),
    }
)
