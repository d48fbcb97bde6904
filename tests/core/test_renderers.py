"""How values are written: the contract's times, decimals and texts."""

import datetime
import json
import zoneinfo
from decimal import Decimal
from typing import Any

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override
from rest_framework.exceptions import ErrorDetail

from e_learning.core.api.renderers import FastJSONRenderer, to_json

MOMENT = datetime.datetime(2026, 11, 21, 2, 13, 0, 500000, tzinfo=datetime.UTC)


@pytest.mark.parametrize("zone", [datetime.UTC, zoneinfo.ZoneInfo("UTC")])
def test_times_end_in_z(zone: datetime.tzinfo) -> None:
    assert json.loads(to_json(MOMENT.astimezone(zone))) == "2026-11-21T02:13:00.500000Z"


def test_decimals_are_strings() -> None:
    assert to_json({"price": Decimal("499.00")}) == b'{"price":"499.00"}'


def test_lazy_text_is_translated_when_it_is_written() -> None:
    text = {"detail": gettext_lazy("This field is required.")}

    with override("hi"):
        in_hindi = json.loads(to_json(text))["detail"]

    assert in_hindi != json.loads(to_json(text))["detail"] == "This field is required."


@pytest.mark.parametrize("text", [mark_safe("<b>words</b>"), ErrorDetail("<b>words</b>", "code")])
def test_texts_of_djangos_own_classes_are_texts(text: Any) -> None:
    assert json.loads(to_json([text])) == ["<b>words</b>"]


def test_whole_numbers_past_64_bits_are_written() -> None:
    assert to_json(10**30) == b"1" + b"0" * 30


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        to_json(object())


def test_no_data_is_no_body() -> None:
    assert FastJSONRenderer().render(None) == b""
