"""The buyer's side of the sandbox: whose order it is, what was bought, and paying for it."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from accounts.api import User
from e_learning.core.api.errors import NotThere
from e_learning.core.money import from_paise
from payments.gateways.buying import CheckoutAnswer, pay_in_sandbox, price_in_sandbox
from payments.gateways.sandbox import paid_id_in
from payments.gateways.simulator.orders import Outcome
from payments.orders.models import Payment
from payments.subscriptions.models import Subscription


@dataclass(frozen=True, slots=True)
class Offer:
    """What the sandbox's page sells."""

    paid_id: str
    description: str
    amount: Decimal
    currency: str
    status: str

    @property
    def is_subscription(self) -> bool:
        return self.paid_id.startswith("sub_")

    @property
    def is_paid(self) -> bool:
        """Whether the buyer has nothing left to do; a subscription is agreed to once."""
        return self.status != "created" if self.is_subscription else self.status == "paid"


def pay_own(*, user: User, paid_id: str, outcome: Outcome) -> CheckoutAnswer:
    """Pay the user's own order or subscription. Anybody else's is not there, and nothing is once a key is set."""
    is_own = (
        Payment.objects.owned_by(user).filter(razorpay_order_id=paid_id).exists()
        or Subscription.objects.filter(user=user, razorpay_subscription_id=paid_id).exists()
    )
    if settings.RAZORPAY_KEY_ID or not is_own:
        raise NotThere
    return pay_in_sandbox(paid_id=paid_id, outcome=outcome)


def offer_in(token: str) -> Offer:
    """Return what the page of this address sells. Raises ``NotThere``: not ours, too old, or a key is set."""
    paid_id = None if settings.RAZORPAY_KEY_ID else paid_id_in(token)
    if paid_id is None:
        raise NotThere
    price = price_in_sandbox(paid_id)
    return Offer(
        paid_id=paid_id,
        description=_description_of(paid_id),
        amount=from_paise(price["amount"]),
        currency=price["currency"],
        status=price["status"],
    )


def _description_of(paid_id: str) -> str:
    payment = Payment.objects.filter(razorpay_order_id=paid_id).first()
    if payment is not None:
        return payment.description
    subscription = Subscription.objects.select_related("plan").filter(razorpay_subscription_id=paid_id).first()
    return subscription.plan.name if subscription else paid_id
