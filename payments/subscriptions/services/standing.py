"""What a person has by all their subscriptions together: passes, a tier, and which one is the current.

Whoever changes a subscription first holds those of its person (``held_subscriptions``), so that the tier is
reckoned from all of them; the constraint ``one_current_subscription`` decides between two new ones.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from accounts.api import set_subscription_tier
from courses.api import end_pass, give_pass
from payments.subscriptions.models import TERMINAL, Subscription, Tier
from payments.subscriptions.periods import entitlement_of
from payments.subscriptions.telling import tier_rank

_Status = Subscription.Status
#: Why a pass ended, for staff.
ENDED = "subscription ended"
REFUNDED = "refunded"


def held_subscriptions(user_id: int, *, with_id: int | None = None) -> list[Subscription]:
    """Return the person's subscriptions that still matter, and the one of ``with_id``, held until the commit.

    Those matter that are current, entitle, or may still be charged. In order of their ids, so that
    no two wait for each other. Their plans are read apart: PostgreSQL would leave out of a join the
    row whose plan changed while this waited for it.
    """
    matters = Q(is_current=True) | Q(entitled_until__isnull=False) | (~Q(status__in=TERMINAL) & Q(is_prepaid=False))
    rows = Subscription.objects.filter(matters | Q(pk=with_id), user=user_id).order_by("pk")
    return list(rows.prefetch_related("plan").select_for_update(no_key=True))


def settle_standing(rows: Sequence[Subscription], changed: Subscription, *, at: datetime, reason: str = ENDED) -> None:
    """Bring the pass of ``changed``, and its person's tier and current subscription, in line with the rows.

    Call it in the transaction of the change, with all rows that ``held_subscriptions`` gave and the new
    one. Doing it again changes nothing. ``reason`` is why the pass ends, where it does.
    """
    _settle_pass(changed, at=at, reason=reason)
    entitled = [row for row in rows if row.entitled_until is not None and row.entitled_until > at]
    highest = max((row.plan for row in entitled), key=tier_rank, default=None)
    set_subscription_tier(user_id=changed.user_id, tier=highest.tier if highest else Tier.FREE)
    _settle_current(rows, at=at)


def pass_of(subscription: Subscription) -> str:
    """Return the reference under which courses know what this subscription opens."""
    return f"subscription:{subscription.pk}"


def _settle_pass(row: Subscription, *, at: datetime, reason: str) -> None:
    before, row.entitled_until = row.entitled_until, entitlement_of(row, at=at)
    if row.entitled_until != before:
        row.save(update_fields=["entitled_until"])
    if row.entitled_until is None:
        end_pass(reference=pass_of(row), reason=reason, at=at)
        return
    courses = None if row.plan.covers_all_courses else list(row.plan.courses.values_list("pk", flat=True))
    give_pass(user_id=row.user_id, reference=pass_of(row), ends_at=row.entitled_until, course_ids=courses, at=at)


def _settle_current(rows: Sequence[Subscription], *, at: datetime) -> None:
    """Make the right one current. First the others give it up: the constraint is asked with each statement."""
    best = max((row for row in rows if _may_be_current(row, at)), key=lambda row: _claim_of(row, at), default=None)
    for row in rows:
        if row.is_current and row is not best:
            row.is_current = False
            row.save(update_fields=["is_current"])
    if best is not None and not best.is_current:
        best.is_current = True
        best.save(update_fields=["is_current"])


def _may_be_current(row: Subscription, at: datetime) -> bool:
    return row.is_living or (row.entitled_until is not None and row.entitled_until > at)


def _claim_of(row: Subscription, at: datetime) -> tuple[bool, bool, int, int]:
    """Order by: what charges its person by itself, what entitles, the higher tier, the older row.

    The first has to be the one that can be seen and cancelled.
    """
    is_entitled = row.entitled_until is not None and row.entitled_until > at
    charges = row.is_living and row.status != _Status.CREATED
    return charges, is_entitled, tier_rank(row.plan), -row.pk
