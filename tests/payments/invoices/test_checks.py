"""What is asked at start-up of the settings that stand on invoices."""

from typing import Any

import pytest

from payments.invoices.checks import check_invoices

RIGHT = {
    "PRODUCTION": True,
    "GST_RATE_PERCENT": "18",
    "SELLER_STATE": "27",
    "SELLER_GSTIN": "27AAACV1234F1Z5",
    "SELLER_ADDRESS": "12 Karve Road, Pune",
    "INVOICE_SAC": "999293",
}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"SELLER_STATE": ""}, []),
        ({"SELLER_STATE": "28"}, ["payments.E020", "payments.E022"]),
        ({"SELLER_STATE": "MH", "SELLER_GSTIN": ""}, ["payments.E020", "payments.W002"]),
        ({"GST_RATE_PERCENT": "eighteen"}, ["payments.E021"]),
        ({"GST_RATE_PERCENT": ""}, ["payments.E021"]),
        ({"GST_RATE_PERCENT": "NaN"}, ["payments.E021"]),
        ({"GST_RATE_PERCENT": "-1"}, ["payments.E021"]),
        ({"GST_RATE_PERCENT": "100.01"}, ["payments.E021"]),
        ({"GST_RATE_PERCENT": "18.125"}, ["payments.E021"]),
        ({"GST_RATE_PERCENT": "12.5"}, []),
        ({"SELLER_GSTIN": "27AAACV1234F1Z"}, ["payments.E022"]),
        ({"SELLER_GSTIN": "29AAACV1234F1Z5"}, ["payments.E022"]),
        ({"SELLER_GSTIN": "28AAACV1234F1Z5", "SELLER_STATE": ""}, ["payments.E022"]),
        ({"INVOICE_SAC": "9992-93"}, ["payments.E023"]),
        ({"INVOICE_SAC": "123456789"}, ["payments.E023"]),
        ({"SELLER_GSTIN": ""}, ["payments.W002"]),
        ({"SELLER_ADDRESS": ""}, ["payments.W002"]),
        ({"SELLER_GSTIN": "", "SELLER_ADDRESS": "", "GST_RATE_PERCENT": "0"}, []),
        ({"SELLER_GSTIN": "", "SELLER_ADDRESS": "", "PRODUCTION": False}, []),
    ],
)
def test_settings_that_cannot_stand_on_an_invoice_are_found(
    changed: dict[str, Any], found: list[str], settings: Any
) -> None:
    for name, value in (RIGHT | changed).items():
        setattr(settings, name, value)
    assert [message.id for message in check_invoices(None)] == found
