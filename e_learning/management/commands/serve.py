"""``manage.py serve``: the platform on one port, or one part of a larger whole."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command


class Command(BaseCommand):
    help = (
        "Serve REST and wss. Alone: Daphne, after migrating and (where the database is empty) seeding the demo "
        "school. --http: the API under Granian. --sockets: the sockets under uvicorn."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--http", action="store_true", help="the API alone, under Granian (WSGI, threads)")
        part.add_argument("--sockets", action="store_true", help="the sockets alone, under uvicorn")
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, http: bool, sockets: bool, host: str, port: int, **options: Any) -> None:
        kind = "http" if http else "sockets" if sockets else "embedded"
        if kind != settings.PROCESS_KIND:
            # What kind of process this is decides its connections and its checks, and both are fixed when
            # settings load: start over, knowing it.
            self._start_over(kind, host, port)
        self.check(display_num_errors=True)
        {"embedded": self._serve_all, "http": self._serve_http, "sockets": self._serve_sockets}[kind](host, port)

    def _start_over(self, kind: str, host: str, port: int) -> None:
        import sys

        environment = {**os.environ, "PROCESS_KIND": kind, "HOST": host, "PORT": str(port)}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606 - our own command, no shell

    def _serve_all(self, host: str, port: int) -> None:
        from daphne.endpoints import build_endpoint_description_strings

        from e_learning.asgi import application
        from e_learning.core.socket_servers import Daphne
        from e_learning.demo.seeding import seed_if_empty
        from e_learning.embedded import EmbeddedTasks

        call_command("migrate", interactive=False, verbosity=0)
        seed_if_empty(self.stdout)
        tasks = EmbeddedTasks() if settings.EMBEDDED_WORKER else None
        if tasks:
            tasks.start()
        self._say_where()
        try:
            Daphne(
                application=application,
                endpoints=build_endpoint_description_strings(host=host, port=port),
                server_name="e-learning",
                proxy_forwarded_address_header=None,
            ).run()
        finally:
            if tasks:
                tasks.stop()

    def _say_where(self) -> None:
        self.stdout.write(f"API       {settings.PUBLIC_URL}/api/")
        self.stdout.write(f"API docs  {settings.PUBLIC_URL}/api/docs/")
        self.stdout.write(f"Admin     {settings.PUBLIC_URL}/admin/")
        self.stdout.flush()

    def _serve_http(self, host: str, port: int) -> None:
        from granian import Granian
        from granian.constants import Interfaces

        Granian(
            "e_learning.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=settings.WEB_CONCURRENCY,
            blocking_threads=settings.HTTP_THREADS,
            log_enabled=True,
        ).serve()

    def _serve_sockets(self, host: str, port: int) -> None:
        import uvicorn

        from e_learning.core.socket_servers import uvicorn_options

        if settings.WEB_CONCURRENCY > 1:
            raise CommandError("Run one --sockets process a core, each on a port of its own, behind the proxy.")
        uvicorn.run(
            "e_learning.asgi:application",
            host=host,
            port=port,
            lifespan="off",
            access_log=False,
            **uvicorn_options(),
        )
