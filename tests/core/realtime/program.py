"""A server of sockets for the tests beside it: the platform's own sign-in and sockets, and a hall to shout in.

python -m tests.core.realtime.program daphne|uvicorn PORT
"""

import os
import sys

from django.core.asgi import get_asgi_application


def main(kind: str, port: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "e_learning.settings"
    os.environ["PROCESS_KIND"] = "embedded"
    http_application = get_asgi_application()

    from daphne.endpoints import build_endpoint_description_strings
    from uvicorn import run

    from e_learning.core.socket_servers import Daphne, uvicorn_options
    from tests.core.realtime.hall import application_with

    application = application_with(http_application)
    if kind == "daphne":
        endpoints = build_endpoint_description_strings(host="127.0.0.1", port=port)
        Daphne(application=application, endpoints=endpoints, server_name="test").run()
    else:
        run(application, host="127.0.0.1", port=port, lifespan="off", access_log=False, **uvicorn_options())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
