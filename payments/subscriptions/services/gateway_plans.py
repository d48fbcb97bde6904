"""Our plans at the gateway. They can't be changed there: another price is another plan."""

from django.db.models import Q

from e_learning.core.money import CURRENCY
from payments.gateways import gateway
from payments.gateways.one_call import known_after_one_call, read_again
from payments.subscriptions.models import Plan
from payments.subscriptions.services.calling import CLAIM, SubscriptionInProgress

#: What a plan at the gateway is made of. Names may differ: nobody reads them there but staff.
PRICED_BY = ("price_paise", "period", "interval")


def plan_at_gateway(plan: Plan) -> str:
    """Return the id of ``plan`` at the present gateway, where it is made at first need. Outside transactions.

    Refuses as the gateway does, and with 409 where staff change the price in this moment.
    """
    provider = gateway()
    here = Q(gateway=provider.name) & ~Q(gateway_plan_id="")

    def known(row: Plan) -> str | None:
        return row.gateway_plan_id or None if row.gateway == provider.name else None

    def ask(row: Plan) -> None:
        made = provider.create_plan(
            period=row.period,
            interval=row.interval,
            name=row.name,
            amount_paise=row.price_paise,
            currency=CURRENCY,
            notes={"plan": row.slug},
        )
        as_asked = {name: getattr(row, name) for name in PRICED_BY}
        written = Plan.objects.filter(pk=row.pk, **as_asked).update(
            gateway=provider.name, gateway_plan_id=made.id, calling_until=None
        )
        if not written:
            raise SubscriptionInProgress
        read_again(row)

    return known_after_one_call(
        plan, unknown=~here, known=known, ask=ask, in_progress=SubscriptionInProgress, claim=CLAIM
    )


def save_plan(plan: Plan, *, changed: set[str]) -> None:
    """Write a plan that staff edited. Another price, period or interval will be another plan at the gateway.

    Running subscriptions go on at the price they began with, and their passes take what the plan opens now
    with the next period.
    """
    if not changed.isdisjoint(PRICED_BY):
        plan.gateway_plan_id = ""
        changed = changed | {"gateway_plan_id"}
    # Only what was edited: an id from the gateway may be written in this moment.
    columns = {field.name for field in Plan._meta.concrete_fields}
    plan.save(update_fields=None if plan.pk is None else changed & columns)
