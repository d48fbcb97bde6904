"""Do orders, attempts at paying, refunds and coupons agree?"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from payments.orders.models import Coupon, CouponUse, GatewayPayment, Payment
from payments.reconciliation.audit.findings import ASKING, CAPTURED, Contradiction, Kind, sum_over
from payments.refunds.models import RefundRequest


def attempts_and_status(_at: datetime) -> Iterator[Contradiction]:
    """A captured payment has the winning attempt that it names (none where nothing was paid); another has none."""
    winning = GatewayPayment.objects.filter(payment=OuterRef("pk"), role=GatewayPayment.Role.WINNING)
    named = winning.filter(
        razorpay_payment_id=OuterRef("razorpay_payment_id"),
        amount_paise=OuterRef("amount_paise"),
        currency=OuterRef("currency"),
    )
    wrong = Payment.objects.filter(
        Q(~Exists(named), status__in=CAPTURED, amount_paise__gt=0)
        | Q(Exists(winning), amount_paise=0)
        | (Q(Exists(winning)) & ~Q(status__in=CAPTURED))
    )
    for payment in wrong.order_by("pk"):
        yield Contradiction(
            Kind.ATTEMPT,
            f"payment:{payment.pk}",
            f"{payment.receipt} is {payment.status}, its winning attempt says otherwise",
        )


def open_orders(_at: datetime) -> Iterator[Contradiction]:
    """What was captured is not handed out again."""
    for pk in Payment.objects.filter(status__in=CAPTURED, is_open=True).order_by("pk").values_list("pk", flat=True):
        yield Contradiction(Kind.OPEN_ORDER, f"payment:{pk}", "captured, and its order is still open")


def refund_sums(_at: datetime) -> Iterator[Contradiction]:
    """A payment knows what its refunds ask for and what has gone back."""
    of_winner = RefundRequest.objects.filter(attempt__role=GatewayPayment.Role.WINNING)
    summed = Payment.objects.annotate(
        asked=sum_over(of_winner.filter(status__in=ASKING)),
        returned=sum_over(of_winner.filter(status=RefundRequest.Status.PROCESSED)),
    )
    wrong = summed.exclude(asked=F("refund_reserved_paise"), returned=F("refunded_paise"))
    for payment in wrong.order_by("pk"):
        detail = (
            f"its refunds ask for {payment.asked} paise, {payment.refund_reserved_paise} are reserved; "
            f"{payment.returned} went back, {payment.refunded_paise} are written down"
        )
        yield Contradiction(Kind.REFUND_SUMS, f"payment:{payment.pk}", detail)


def surplus_refunds(_at: datetime) -> Iterator[Contradiction]:
    """Of no attempt goes back more than was captured, of one that was not captured nothing."""
    asked = GatewayPayment.objects.annotate(
        asked=sum_over(RefundRequest.objects.filter(status__in=ASKING), by="attempt")
    )
    wrong = asked.filter(Q(asked__gt=F("amount_paise")) | Q(asked__gt=0, role=GatewayPayment.Role.TRYING))
    for attempt in wrong.order_by("pk"):
        detail = f"{attempt.status}, {attempt.amount_paise} paise, and {attempt.asked} are to go back"
        yield Contradiction(Kind.SURPLUS, f"attempt:{attempt.razorpay_payment_id}", detail)


def coupon_counts(_at: datetime) -> Iterator[Contradiction]:
    """A coupon counts exactly the uses that are held or were paid for."""
    uses = CouponUse.objects.filter(coupon=OuterRef("pk")).exclude(state=CouponUse.State.RELEASED)
    grouped = uses.order_by().values("coupon").annotate(total=Count("pk")).values("total")
    counted = Coupon.objects.annotate(uses_now=Coalesce(Subquery(grouped), 0))
    for coupon in counted.exclude(uses_now=F("used_count")).order_by("pk"):
        detail = f"counts {coupon.used_count}, and {coupon.uses_now} are held or used"
        yield Contradiction(Kind.COUPON, f"coupon:{coupon.code}", detail)


def coupon_uses(_at: datetime) -> Iterator[Contradiction]:
    """A use is ``used`` by a captured payment only, ``held`` by an open one only; its coupon is the payment's."""
    captured = Q(payment__status__in=CAPTURED)
    wrong = CouponUse.objects.filter(
        (Q(state=CouponUse.State.USED) & ~captured)
        | (~Q(state=CouponUse.State.USED) & captured)
        | Q(state=CouponUse.State.HELD, payment__is_open=False)
        | ~Q(payment__coupon=F("coupon"))
        | ~Q(payment__user=F("user"))
    )
    for use in wrong.select_related("coupon", "payment").order_by("pk"):
        detail = f"{use.coupon.code} is {use.state}, its payment {use.payment.status}"
        yield Contradiction(Kind.COUPON, f"payment:{use.payment_id}", detail)
