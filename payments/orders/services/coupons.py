"""Coupons as they are taken: held by an open order, used by a captured payment, or let go.

``used_count`` and the slots of ``CouponUse`` are moved together, in one transaction of the caller's. Whoever moves
the count holds the coupon until the commit, so what is read of its uses after that stays true. Locks
are taken in this order: payment, coupon.
"""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import Conflict, InvalidInput
from payments.orders.models import Coupon, CouponUse, Payment, normalized_code

_State = CouponUse.State


class CouponInvalid(InvalidInput):
    """Unknown, switched off, out of its window, or not for this: they look the same, so that nobody can try codes."""

    code = "coupon_invalid"
    message = _("This coupon is not valid for this.")

    def __init__(self, *, attr: str = "coupon_code") -> None:
        super().__init__(attr=attr)


class CouponUsedUp(Conflict):
    code = "coupon_used_up"
    message = _("This coupon has been used up.")


class CouponUsedAlready(Conflict):
    code = "coupon_used_already"
    message = _("You have used this coupon already.")


def coupon_for(*, code: str, course_id: int | None, plan_id: int | None, at: datetime, attr: str) -> Coupon:
    """Return the coupon of ``code`` if it is good for this at ``at``. Refuses with ``coupon_invalid`` on ``attr``."""
    courses = Coupon.courses.through.objects.filter(coupon=OuterRef("pk"))
    plans = Coupon.plans.through.objects.filter(coupon=OuterRef("pk"))
    named = Exists(courses.filter(course=course_id) if plan_id is None else plans.filter(plan=plan_id))
    in_window = Q(valid_until=None) | Q(valid_until__gt=at)
    good = Coupon.objects.filter(in_window, code=normalized_code(code), is_active=True, valid_from__lte=at)
    coupon = good.filter((~Exists(courses) & ~Exists(plans)) | named).first()
    if coupon is None:
        raise CouponInvalid(attr=attr)
    return coupon


def refuse_used(coupon: Coupon, *, user_id: int) -> None:
    """Refuse what ``hold_coupon`` would, and hold nothing. What the person's own open orders hold is theirs to use."""
    states = list(CouponUse.objects.filter(coupon=coupon, user=user_id).values_list("state", flat=True))
    if coupon.max_uses is not None and coupon.used_count - states.count(_State.HELD) >= coupon.max_uses:
        raise CouponUsedUp
    if states.count(_State.USED) >= coupon.max_uses_per_user:
        raise CouponUsedAlready


def hold_coupon(coupon: Coupon, payment: Payment) -> None:
    """Take one use for an order that was just written. Refuses with ``coupon_used_up`` and ``coupon_used_already``.

    A slot that another order of this person takes at the same time is refused by the constraint.
    """
    if not _count_one(coupon.pk, within_limit=True):
        raise CouponUsedUp
    taken = set(_live_slots(coupon.pk, payment.user_id))
    slot = next((slot for slot in range(1, coupon.max_uses_per_user + 1) if slot not in taken), None)
    if slot is None:
        raise CouponUsedAlready
    CouponUse.objects.create(coupon=coupon, user_id=payment.user_id, payment=payment, slot=slot)


def release_coupon(payment: Payment) -> bool:
    """Let go what an order held; says whether it held something."""
    if payment.coupon_id is None:
        return False
    held = CouponUse.objects.filter(payment=payment, state=_State.HELD)
    if not held.update(state=_State.RELEASED):
        return False
    Coupon.objects.filter(pk=payment.coupon_id).update(used_count=F("used_count") - 1)
    return True


def use_coupon(payment: Payment) -> None:
    """Mark the use of a captured payment. One that was let go is taken again, past any limit: the price was paid."""
    if payment.coupon is None:
        return
    uses = CouponUse.objects.filter(payment=payment)
    if uses.filter(state=_State.HELD).update(state=_State.USED):
        return
    _count_one(payment.coupon.pk, within_limit=False)
    beyond = max([*_live_slots(payment.coupon.pk, payment.user_id), payment.coupon.max_uses_per_user]) + 1
    uses.filter(state=_State.RELEASED).update(state=_State.USED, slot=beyond)


def _count_one(coupon_id: int, *, within_limit: bool) -> bool:
    """Count one more use and hold the coupon; says whether there was one left."""
    coupon = Coupon.objects.filter(pk=coupon_id)
    if within_limit:
        coupon = coupon.filter(Q(max_uses=None) | Q(used_count__lt=F("max_uses")))
    return bool(coupon.update(used_count=F("used_count") + 1))


def _live_slots(coupon_id: int, user_id: int) -> list[int]:
    uses = CouponUse.objects.filter(coupon=coupon_id, user=user_id).exclude(state=_State.RELEASED)
    return list(uses.values_list("slot", flat=True))
