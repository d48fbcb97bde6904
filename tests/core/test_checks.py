"""What cannot work is refused at start-up; what works is let alone."""

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from tests.core.processes import manage, settings_with

STRONG = "k" * 40
GOOD_PRODUCTION = {
    "PRODUCTION": True,
    "SECRET_KEY": STRONG,
    "SECRET_KEY_MISSING": False,
    "SIMPLE_JWT": {"SIGNING_KEY": STRONG},
    "DEBUG": False,
    "ALLOWED_HOSTS": ["school.example"],
    "PUBLIC_URL": "https://school.example",
    "PROCESS_KIND": "http",
    "WEB_CONCURRENCY": 4,
    "IS_SQLITE": False,
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}
KEYS = {"access_key": "a", "secret_key": "b"}


def found(**changes: object) -> set[str]:
    with override_settings(**{**GOOD_PRODUCTION, **changes}):
        return {str(message.id) for message in run_checks() if str(message.id).startswith("core.")}


def test_a_whole_production_passes_every_check() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({"SECRET_KEY_MISSING": True}, {"core.E001"}),
        ({"SECRET_KEY": "short"}, {"core.E001"}),
        ({"SECRET_KEY": "insecure-build-only-key"}, {"core.E001"}),
        ({"SHIPPED_SECRETS": (STRONG,)}, {"core.E001"}),
        ({"SIMPLE_JWT": {"SIGNING_KEY": "short"}}, {"core.E001"}),
        ({"SECRET_KEY": "short", "PRODUCTION": False}, set()),
        ({"IS_SQLITE": True}, {"core.E002"}),
        ({"IS_SQLITE": True, "PROCESS_KIND": "sockets", "WEB_CONCURRENCY": 1}, {"core.E002"}),
        ({"IS_SQLITE": True, "PROCESS_KIND": "embedded", "WEB_CONCURRENCY": 2}, {"core.E002"}),
        ({"REDIS_URL": ""}, {"core.E003"}),
        ({"REDIS_URL": "", "PROCESS_KIND": "worker", "WEB_CONCURRENCY": 1}, {"core.E003"}),
        ({"REDIS_URL": "", "IS_SQLITE": True, "PROCESS_KIND": "embedded", "WEB_CONCURRENCY": 1}, set()),
        ({"AWS_STORAGE_BUCKET_NAME": "b", "AWS_S3_OPTIONS": {"access_key": "a", "secret_key": None}}, {"core.E004"}),
        ({"AWS_STORAGE_BUCKET_NAME": "b", "AWS_S3_OPTIONS": {"access_key": None, "secret_key": "b"}}, {"core.E004"}),
        ({"AWS_STORAGE_BUCKET_NAME": "b", "AWS_S3_OPTIONS": KEYS}, set()),
        ({"ACCESS_TOKEN_SECONDS": 86_401}, {"core.E005"}),
        ({"ACCESS_TOKEN_SECONDS": 0}, {"core.E005"}),
        ({"ACCESS_TOKEN_SECONDS": 86_400}, set()),
        ({"DEBUG": True}, {"core.E006"}),
        ({"ALLOWED_HOSTS": ["school.example", "*"]}, {"core.E007"}),
        ({"ALLOWED_HOSTS": ["*"], "DEBUG": True, "PRODUCTION": False}, set()),
        ({"PUBLIC_URL": "http://school.example"}, {"core.W001"}),
        ({"PUBLIC_URL": "http://127.0.0.1:8000", "PRODUCTION": False}, set()),
    ],
)
def test_each_check_fires_for_its_fault_alone(changes: dict[str, object], ids: set[str]) -> None:
    assert found(**changes) == ids


def test_every_refusal_says_what_to_do() -> None:
    with override_settings(
        **GOOD_PRODUCTION | {"SECRET_KEY_MISSING": True, "REDIS_URL": "", "IS_SQLITE": True, "DEBUG": True}
    ):
        messages = [message for message in run_checks() if str(message.id).startswith("core.")]

    assert len(messages) == 4
    assert all(message.hint for message in messages)


# --- as somebody who starts it meets them ----------------------------------------------------------


def test_production_without_a_secret_is_refused_by_a_check_and_not_by_a_traceback(tmp_path: object) -> None:
    run = manage("check", ENVIRONMENT="production", DATA_DIR=str(tmp_path))

    assert run.returncode == 1
    assert "(core.E001)" in run.stderr
    assert "HINT: Set SECRET_KEY" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_embedded_default_passes_every_check_silently(tmp_path: object) -> None:
    run = manage("check", "--fail-level", "WARNING", DATA_DIR=str(tmp_path))

    assert (run.returncode, run.stderr) == (0, "")


def test_a_whole_production_is_ready_to_deploy(tmp_path: object) -> None:
    """What ``check --deploy`` still says is known: redirects to TLS are the proxy's, HSTS of subdomains the owner's."""
    run = manage(
        "check",
        "--deploy",
        ENVIRONMENT="production",
        SECRET_KEY="a-k3y-0f-many-d1fferent-letters-" * 3,
        ALLOWED_HOSTS="school.example",
        PUBLIC_URL="https://school.example",
        DATABASE_URL="postgres://postgres@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1/0",
        DATA_DIR=str(tmp_path),
    )

    assert run.returncode == 0, run.stderr
    warned = {word.strip("?:()") for word in run.stderr.split() if word.startswith("(security.")}
    assert warned <= {"security.W005", "security.W008", "security.W021"}


def test_production_never_takes_its_secret_from_the_data_folder(tmp_path: object) -> None:
    kept = settings_with(DATA_DIR=str(tmp_path))["SECRET_KEY"]
    first = settings_with(DATA_DIR=str(tmp_path), ENVIRONMENT="production")
    second = settings_with(DATA_DIR=str(tmp_path), ENVIRONMENT="production")

    assert first["SECRET_KEY_MISSING"]
    assert len({kept, first["SECRET_KEY"], second["SECRET_KEY"]}) == 3


def test_debug_is_off_unless_asked_for(tmp_path: object) -> None:
    assert settings_with(DATA_DIR=str(tmp_path))["DEBUG"] is False
