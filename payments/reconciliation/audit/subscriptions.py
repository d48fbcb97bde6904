"""Do passes and tiers agree with the subscriptions?"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.api import User
from courses.api import live_passes
from payments.reconciliation.audit.findings import Contradiction, Kind
from payments.subscriptions.models import Subscription, Tier
from payments.subscriptions.services.standing import pass_of
from payments.subscriptions.telling import tier_rank

#: The sweep takes a tier back some minutes after the time; so long nobody calls it a contradiction.
_SWEPT_WITHIN = timedelta(hours=1)


def passes(at: datetime) -> Iterator[Contradiction]:
    """Every subscription that entitles has its pass, of the same end; nothing else has one."""
    entitled = Subscription.objects.filter(entitled_until__gt=at).order_by("pk")
    owed = {pass_of(row): (row.user_id, row.entitled_until) for row in entitled.iterator()}
    given = {reference: (user_id, ends_at) for reference, user_id, ends_at in live_passes(at=at)}
    for reference in sorted(owed.keys() | given.keys()):
        if owed.get(reference) != given.get(reference):
            yield Contradiction(Kind.SUBSCRIPTION, reference, "its pass is not as it entitles")


def tiers(at: datetime) -> Iterator[Contradiction]:
    """Everybody has the highest tier of the subscriptions that entitle them, or the free one."""
    owed: dict[int, set[Tier]] = defaultdict(lambda: {Tier.FREE})
    entitled = Subscription.objects.filter(entitled_until__gt=at).select_related("plan")
    for row in sorted(entitled.iterator(), key=lambda one: tier_rank(one.plan)):
        owed[row.user_id] = {Tier(row.plan.tier)}
    just_ended = Subscription.objects.filter(entitled_until__gt=at - _SWEPT_WITHIN, entitled_until__lte=at)
    for user_id, tier in just_ended.values_list("user_id", "plan__tier"):
        owed[user_id] |= {Tier(tier)}
    given = dict(User.objects.exclude(subscription_tier=Tier.FREE).values_list("pk", "subscription_tier").iterator())
    for pk in sorted(owed.keys() | given.keys()):
        if (tier := given.get(pk, Tier.FREE)) not in owed[pk]:
            yield Contradiction(
                Kind.SUBSCRIPTION, f"user:{pk}", f"has the tier {tier}, and its subscriptions give another"
            )
