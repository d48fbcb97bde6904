"""System checks: what cannot work is refused at start-up, with a hint, not found out at night."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

MINIMUM_SECRET_CHARACTERS = 32
MOST_ACCESS_TOKEN_SECONDS = 24 * 3600


@register(Tags.security)
def check_secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A production secret must be given, long, and not one that this repository ever printed."""
    if not settings.PRODUCTION:
        return []
    keys = (settings.SECRET_KEY, str(settings.SIMPLE_JWT["SIGNING_KEY"]))
    if not settings.SECRET_KEY_MISSING and all(_is_secret(key) for key in keys):
        return []
    return [
        Error(
            "SECRET_KEY or JWT_SIGNING_KEY is empty, shorter than 32 characters, or one that came with the code.",
            hint='Set SECRET_KEY, e.g. to the output of: python -c "import secrets; print(secrets.token_urlsafe(64))"',
            id="core.E001",
        )
    ]


def _is_secret(key: str) -> bool:
    return len(key) >= MINIMUM_SECRET_CHARACTERS and key not in settings.SHIPPED_SECRETS


@register()
def check_shared_services(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Several processes see each other only through a server: memory and SQLite files are for one."""
    several = settings.WEB_CONCURRENCY > 1 or settings.PROCESS_KIND in {"http", "sockets", "worker"}
    return list(_missing_shared_services()) if several else []


def _missing_shared_services() -> Iterator[CheckMessage]:
    if settings.IS_SQLITE:
        yield Error(
            "SQLite cannot serve several processes.",
            hint="Set DATABASE_URL to a PostgreSQL database, or run one embedded process: manage.py serve.",
            id="core.E002",
        )
    if not settings.REDIS_URL:
        yield Error(
            "The in-memory cache, channel layer and task queue cannot be shared by several processes.",
            hint="Set REDIS_URL, or run one embedded process: manage.py serve.",
            id="core.E003",
        )


@register()
def check_storage(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A bucket without a key and a secret would fail at the first upload."""
    if not settings.AWS_STORAGE_BUCKET_NAME:
        return []
    options = settings.AWS_S3_OPTIONS
    if options["access_key"] and options["secret_key"]:
        return []
    return [
        Error(
            "AWS_STORAGE_BUCKET_NAME is set without credentials.",
            hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            id="core.E004",
        )
    ]


@register(Tags.security)
def check_access_token_lifetime(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if 0 < settings.ACCESS_TOKEN_SECONDS <= MOST_ACCESS_TOKEN_SECONDS:
        return []
    return [
        Error(
            f"ACCESS_TOKEN_SECONDS is {settings.ACCESS_TOKEN_SECONDS}; it must lie between 1 and 86400 (24 hours).",
            hint="Leave it unset for one hour.",
            id="core.E005",
        )
    ]


@register(Tags.security)
def check_production_hosts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on in production.", hint="Unset DEBUG.", id="core.E006"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS is open in production.", hint="Name your hosts.", id="core.E007"))
    if settings.PUBLIC_URL.startswith("http://"):
        found.append(
            Warning("PUBLIC_URL is not https: links in mail would be plain.", hint="Set PUBLIC_URL.", id="core.W001")
        )
    return found
