"""What a coupon would bring, without taking it."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from accounts.api import User
from payments.orders.pricing import Price, price_of
from payments.orders.services.coupons import coupon_for, refuse_used
from payments.orders.services.selling import thing_for_sale


def quote(
    *, user: User, code: str, course_id: int | None = None, plan_slug: str | None = None, now: datetime | None = None
) -> tuple[str, Price]:
    """Return the code as it is kept, and the price it gives ``user``; holds nothing.

    Refuses as ``create_order`` does, on ``code``. A coupon that is good now may be used up by the time of the order.
    """
    thing = thing_for_sale(user=user, course_id=course_id, plan_slug=plan_slug)
    at = now or timezone.now()
    coupon = coupon_for(code=code, course_id=thing.course_id, plan_id=thing.plan_id, at=at, attr="code")
    refuse_used(coupon, user_id=user.pk)
    return coupon.code, price_of(thing.price_paise, coupon, gst_rate=Decimal(settings.GST_RATE_PERCENT))
