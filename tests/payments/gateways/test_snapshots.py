"""What the gateway said is read tolerantly where its samples disagree, and strictly where money hangs on it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.base import (
    BadSnapshot,
    order_snapshot,
    payment_snapshot,
    plan_snapshot,
    refund_snapshot,
    subscription_snapshot,
)

READERS = [order_snapshot, payment_snapshot, refund_snapshot, plan_snapshot, subscription_snapshot]
PAYMENT = {
    "id": "pay_29QQoUBi66xm2f",
    "entity": "payment",
    "amount": 49_900,
    "currency": "INR",
    "status": "captured",
    "order_id": "order_DaZlswtdcn9UNV",
    "method": "card",
    "amount_refunded": 0,
    "captured": True,
    "notes": [],
    "fee": 1178,
    "tax": 180,
    "error_reason": None,
    "created_at": 1_567_674_606,
}
REFUND = {
    "id": "rfnd_FP8DDKxqJif6ca",
    "payment_id": "pay_29QQoUBi66xm2f",
    "amount": 100,
    "currency": "INR",
    "notes": {"refund_request": 7},
    "created_at": 1_597_078_124,
    "status": "processed",
}
SUBSCRIPTION = {"id": "sub_00000000000001", "plan_id": "plan_00000000000001", "status": "created", "notes": []}
SAMPLES: list[tuple[Any, dict[str, Any]]] = [
    (order_snapshot, {**PAYMENT, "id": "order_1", "status": "paid"}),
    (payment_snapshot, PAYMENT),
    (refund_snapshot, REFUND),
    (plan_snapshot, {"id": "plan_1", "period": "monthly", "interval": 1, "item": {"amount": 100, "currency": "INR"}}),
    (subscription_snapshot, SUBSCRIPTION),
]


def test_a_payment_is_read_whole() -> None:
    read = payment_snapshot(PAYMENT)
    assert (read.id, read.order_id, read.amount_paise, read.currency, read.status) == (
        "pay_29QQoUBi66xm2f",
        "order_DaZlswtdcn9UNV",
        49_900,
        "INR",
        "captured",
    )
    assert (read.fee_paise, read.tax_paise, read.method) == (1178, 180, "card")
    assert read.created_at == datetime(2019, 9, 5, 9, 10, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"captured": "1"},
        {"captured": "true"},
        {"amount": "49900"},
        {"notes": {}},
        {"amount_refunded": None},
        {"something_new": {"deep": [1]}},
        {"order_id": PAYMENT["order_id"], "error_reason": ""},
    ],
)
def test_samples_that_disagree_are_the_same_payment(change: dict[str, Any]) -> None:
    assert payment_snapshot(PAYMENT | change) == payment_snapshot(PAYMENT)


def test_what_may_be_absent_may_be_absent() -> None:
    bare = {name: PAYMENT[name] for name in ("id", "amount", "currency", "status", "created_at")}
    read = payment_snapshot(bare)
    assert (read.order_id, read.fee_paise, read.method, read.amount_refunded_paise) == (None, None, "", 0)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": -1},
        {"amount": 499.5},
        {"amount": True},
        {"amount": "4.99"},
        {"amount": "४९९"},
        {"amount": None},
        {"amount": 10**18},
        {"amount_refunded": 49_901},
        {"currency": "rupees"},
        {"currency": None},
        {"status": "CAPTURED"},
        {"status": ["captured"]},
        {"id": ""},
        {"id": "pay_\x00"},
        {"id": "../orders"},
        {"id": "p" * 41},
        {"order_id": 12},
        {"created_at": "yesterday"},
        {"created_at": 10**15},
    ],
)
def test_nonsense_about_money_is_refused_and_named_but_not_repeated(change: dict[str, Any]) -> None:
    with pytest.raises(BadSnapshot) as refused:
        payment_snapshot(PAYMENT | change)
    assert str(refused.value) in change


def test_text_that_no_column_takes_is_made_to_fit() -> None:
    read = payment_snapshot(PAYMENT | {"method": "u\x00p\ud800i" + "x" * 50, "error_reason": 12})
    assert read.method == "up?i" + "x" * 16
    assert read.error_reason == ""


def test_notes_are_texts_and_empty_ones_may_be_a_list() -> None:
    assert refund_snapshot(REFUND).notes == {"refund_request": "7"}
    assert refund_snapshot(REFUND | {"notes": []}).notes == {}


def test_a_refund_without_a_status_is_pending() -> None:
    assert refund_snapshot({name: value for name, value in REFUND.items() if name != "status"}).status == "pending"


def test_a_subscription_that_was_never_charged_has_no_period() -> None:
    read = subscription_snapshot(SUBSCRIPTION | {"current_start": None, "current_end": 0})
    assert (read.current_start, read.current_end, read.ended_at, read.paid_count) == (None, None, None, 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(entity=JSON)
def test_whatever_json_is_sent_nothing_but_bad_snapshot_is_raised(entity: Any) -> None:
    for read in READERS:
        with pytest.raises(BadSnapshot):
            read(entity)


@given(
    values=st.dictionaries(st.sampled_from([*PAYMENT, "item", "plan_id", "payment_id", "receipt"]), JSON, min_size=1)
)
def test_whatever_stands_in_a_field_it_is_read_or_refused(values: dict[str, Any]) -> None:
    outcomes = set()
    for read, sample in SAMPLES:
        try:
            outcomes.add(type(read(sample | values)).__name__)
        except BadSnapshot:
            outcomes.add("refused")
    assert outcomes
