"""Making an order: the intent is a row, committed before the gateway hears of it.

The constraint ``one_open_order_per_…`` lets one order of a person and thing be open. Whoever holds the claim
``calling_until`` of a row without an order's id asks the gateway, under the row's receipt; the others wait for the
id. So a crash, a retry and thirty taps on the button end in one order at the gateway.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.api import User
from courses.api import can_access
from e_learning.core.api.errors import Conflict
from e_learning.core.money import CURRENCY
from payments.gateways import gateway
from payments.orders.models import Coupon, Payment
from payments.orders.pricing import Price, price_of
from payments.orders.services.calling import CLAIM, order_at_gateway
from payments.orders.services.capturing import capture_nothing
from payments.orders.services.coupons import coupon_for, hold_coupon
from payments.orders.services.lapsing import close_order
from payments.orders.services.selling import AlreadyEnrolled, Thing, thing_for_sale

#: Each try that fails means that another request of the same person opened or closed an order in that moment.
_MOST_TRIES = 8


@dataclass(frozen=True, slots=True)
class Ordered:
    payment: Payment
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the caller sent, and when."""

    user: User
    course_id: int | None
    plan_slug: str | None
    coupon_code: str
    billing_state: str
    now: datetime

    def open_order(self) -> Payment | None:
        same_thing = Q(plan__slug=self.plan_slug) if self.course_id is None else Q(course=self.course_id)
        return Payment.objects.filter(same_thing, user=self.user, is_open=True).first()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An order as it would be: what is in an open one for it to be handed back."""

    user: User
    thing: Thing
    price: Price
    coupon: Coupon | None
    gst_rate: Decimal
    billing_state: str
    gateway: str

    def is_in(self, payment: Payment) -> bool:
        return (
            payment.list_price_paise == self.price.list_price
            and payment.amount_paise == self.price.amount
            and payment.coupon_id == (self.coupon.pk if self.coupon else None)
            and payment.billing_state == self.billing_state
            and payment.gst_rate == self.gst_rate
            and payment.gateway == self.gateway
        )


def create_order(
    *,
    user: User,
    course_id: int | None = None,
    plan_slug: str | None = None,
    coupon_code: str = "",
    billing_state: str = "",
    now: datetime | None = None,
) -> Ordered:
    """Open an order for a course or a plan, or hand back the one that is open for it at the same price.

    Refuses, in this order: 404 (absent or not visible), 409 ``already_enrolled``, 409 ``course_is_free``
    (``plan_is_free``), 409 ``prerequisites_unmet`` (``already_subscribed``), 400 ``coupon_invalid``, 409
    ``coupon_used_up``, 409 ``coupon_used_already``. An open order at another price, with another coupon or for
    another state is closed and lets its coupon go, as is one past its time. What a coupon makes free is captured
    at once. Where the gateway does not answer (503) the order stays, and the next call goes on with it.
    """
    asked = _Asked(user, course_id, plan_slug, coupon_code, billing_state, now or timezone.now())
    ordered = _opened(asked)
    if ordered.payment.amount_paise:
        order_at_gateway(ordered.payment, is_first_call=ordered.is_new)
    return ordered


def _opened(asked: _Asked) -> Ordered:
    """Hand back the open order, or write one; where another request was first, look again at everything.

    It looks for the order before it looks at what is for sale: one that is paid in between is seen as an enrolment.
    """
    for _try in range(_MOST_TRIES):
        standing = asked.open_order()
        wanted = _wanted(asked)
        if standing is not None and standing.expires_at > asked.now and wanted.is_in(standing):
            return Ordered(standing, is_new=False)
        if standing is not None and not close_order(standing):  # another request closed it, or it was paid
            continue
        try:
            return Ordered(_write_intent(wanted, asked.now), is_new=True)
        except IntegrityError:  # another request of this person was first: to this thing, or to a use of the coupon
            continue
    raise Conflict


def _wanted(asked: _Asked) -> _Wanted:
    """Say what the order would be at this moment. Refuses what can't be bought, and coupons that are not good."""
    thing = thing_for_sale(user=asked.user, course_id=asked.course_id, plan_slug=asked.plan_slug)
    coupon = None
    if asked.coupon_code.strip():
        coupon = coupon_for(
            code=asked.coupon_code,
            course_id=thing.course_id,
            plan_id=thing.plan_id,
            at=asked.now,
            attr="coupon_code",
        )
    gst_rate = Decimal(settings.GST_RATE_PERCENT)
    price = price_of(thing.price_paise, coupon, gst_rate=gst_rate)
    return _Wanted(asked.user, thing, price, coupon, gst_rate, asked.billing_state, gateway().name)


@transaction.atomic
def _write_intent(wanted: _Wanted, now: datetime) -> Payment:
    """Write the order and hold its coupon. The payment comes first: locks are taken in that order everywhere."""
    thing, price = wanted.thing, wanted.price
    payment = Payment.objects.create(
        user=wanted.user,
        course_id=thing.course_id,
        plan_id=thing.plan_id,
        description=thing.description,
        list_price_paise=price.list_price,
        discount_paise=price.discount,
        amount_paise=price.amount,
        tax_paise=price.tax,
        gst_rate=wanted.gst_rate,
        billing_state=wanted.billing_state,
        currency=CURRENCY,
        coupon=wanted.coupon,
        gateway=wanted.gateway,
        receipt=f"order-{uuid4().hex}",
        created_at=now,
        expires_at=now + timedelta(minutes=settings.PAYMENT_ORDER_MINUTES),
        calling_until=now + CLAIM if price.amount else None,
    )
    if wanted.coupon is not None:
        hold_coupon(wanted.coupon, payment)
    _refuse_bought_meanwhile(wanted)
    if not price.amount:
        capture_nothing(payment, at=now)
    return payment


def _refuse_bought_meanwhile(wanted: _Wanted) -> None:
    """Look once more: the capture that closed this person's order may have come between our look and our row.

    The row is written by now. It waited for that capture, if there was one, so what the capture opened can be seen.
    """
    course_id = wanted.thing.course_id
    if course_id is not None and can_access(wanted.user, course_id):
        raise AlreadyEnrolled
