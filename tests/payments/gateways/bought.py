"""What is to be bought at the sandbox, and what it told of it."""

from payments.gateways import gateway
from payments.models import SandboxDelivery

PRICE = 49_900


def ordered(receipt: str = "receipt-1") -> str:
    return gateway().create_order(amount_paise=PRICE, currency="INR", receipt=receipt, notes={}).id


def subscribed() -> str:
    ours = gateway()
    plan = ours.create_plan(period="monthly", interval=1, name="Pro", amount_paise=29_900, currency="INR", notes={})
    return ours.create_subscription(plan_id=plan.id, total_count=12, notes={"receipt": "s-1"}).id


def told() -> list[str]:
    return list(SandboxDelivery.objects.order_by("id").values_list("event", flat=True))
