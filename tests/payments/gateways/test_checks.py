"""Half a key, an empty secret and a live key over plain HTTP are refused at start-up."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from tests.core.processes import manage

WHOLE = {
    "PRODUCTION": True,
    "RAZORPAY_KEY_ID": "rzp_live_1",
    "RAZORPAY_KEY_SECRET": "key-secret",
    "RAZORPAY_WEBHOOK_SECRET": "webhook-secret",
    "RAZORPAY_BASE_URL": "https://api.razorpay.com",
}


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, set()),
        ({"RAZORPAY_KEY_SECRET": ""}, {"payments.E001"}),
        ({"RAZORPAY_KEY_SECRET": " "}, {"payments.E001"}),
        ({"RAZORPAY_WEBHOOK_SECRET": ""}, {"payments.E002"}),
        ({"RAZORPAY_WEBHOOK_SECRET": " ", "PRODUCTION": False}, {"payments.E002"}),
        ({"RAZORPAY_WEBHOOK_SECRET": "", "RAZORPAY_WEBHOOK_SECRET_PREVIOUS": "old"}, {"payments.E002"}),
        ({"RAZORPAY_BASE_URL": "http://127.0.0.1:9001"}, {"payments.E003"}),
        ({"RAZORPAY_BASE_URL": "http://127.0.0.1:9001", "RAZORPAY_KEY_ID": "rzp_test_1"}, set()),
        ({"RAZORPAY_KEY_ID": ""}, {"payments.W001"}),
        ({"RAZORPAY_KEY_ID": "", "RAZORPAY_WEBHOOK_SECRET": "", "PRODUCTION": False}, set()),
    ],
)
def test_each_check_fires_for_its_fault_alone(changes: dict[str, Any], ids: set[str]) -> None:
    with override_settings(**WHOLE | changes):
        found = [message for message in run_checks() if str(message.id).startswith(("payments.E00", "payments.W001"))]
    assert {message.id for message in found} == ids
    assert all(message.hint for message in found)


def test_a_server_with_an_empty_webhook_secret_does_not_start(tmp_path: object) -> None:
    run = manage("serve", DATA_DIR=str(tmp_path), RAZORPAY_KEY_ID="rzp_test_1", RAZORPAY_KEY_SECRET="hush-hush")

    assert run.returncode == 1
    assert "(payments.E002)" in run.stderr
    assert "hush-hush" not in run.stderr + run.stdout
