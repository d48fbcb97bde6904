"""``manage.py healthcheck``: for containers that have no other way to ask."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from e_learning.core.http import UnreachableService, call


class Command(BaseCommand):
    help = "Ask /healthz of the server on this machine; the exit code says whether it answered 200."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            status = call(
                "GET", f"http://127.0.0.1:{settings.PORT}/healthz", headers={"Host": _a_host_of_ours()}
            ).status
        except UnreachableService as error:
            raise CommandError("The server does not answer.") from error
        if status != 200:
            raise CommandError(f"The server answers {status}.")


def _a_host_of_ours() -> str:
    """Return a name that the server answers to: ``*`` allows any, and ``.school.example`` means its subdomains too."""
    name = str(settings.ALLOWED_HOSTS[0]) if settings.ALLOWED_HOSTS else "localhost"
    return "localhost" if name == "*" else name.lstrip(".")
