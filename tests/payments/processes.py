"""Processes of our own code beside a test, on the database of that test and the gateway's stand-in."""

import os
from urllib.parse import quote

from django.db import connection

from tests.payments.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayServer


def environment_on(razorpay: RazorpayServer) -> dict[str, str]:
    """Return the environment in which a process shares what this test has."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "ENV_FILE": os.devnull,
        "PROCESS_KIND": "command",
        "RAZORPAY_KEY_ID": KEY_ID,
        "RAZORPAY_KEY_SECRET": KEY_SECRET,
        "RAZORPAY_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "RAZORPAY_BASE_URL": razorpay.url,
    }


def database_url() -> str:
    """Return the address of this test's database."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    word = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    return f"postgres://{given['USER']}{word}@{given['HOST'] or '127.0.0.1'}:{given['PORT'] or 5432}/{given['NAME']}"
