"""What is for sale, and what a person has of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from e_learning.core.api.errors import Conflict, InvalidInput
from payments.subscriptions.models import Plan, Subscription, Tier
from payments.subscriptions.telling import tier_rank


class UnknownPlan(InvalidInput):
    code = "does_not_exist"
    message = _("There is no such plan.")


class PlanIsFree(Conflict):
    code = "plan_is_free"
    message = _("This plan costs nothing: everybody has it.")


@dataclass(frozen=True, slots=True)
class Limits:
    """``daily_lessons`` None: as many as one likes."""

    daily_lessons: int | None = None
    offline_downloads: bool = False
    advanced_features: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What a person's plan allows now. ``expires_at`` is when that ends as things stand; None never."""

    tier: str
    is_active: bool
    expires_at: datetime | None
    features: Sequence[str]
    limits: Limits


@dataclass(frozen=True, slots=True)
class OfferedPlan:
    """A plan, and the ids of the courses that it names."""

    plan: Plan
    course_ids: Sequence[int]


def plans_for_sale() -> list[OfferedPlan]:
    """Return the plans that are offered, the free one too. Two statements."""
    plans = list(Plan.objects.filter(is_active=True))
    named = Plan.courses.through.objects.filter(plan__in=plans).order_by("course_id")
    courses: dict[int, list[int]] = {plan.pk: [] for plan in plans}
    for plan_id, course_id in named.values_list("plan_id", "course_id"):
        courses[plan_id].append(course_id)
    return [OfferedPlan(plan, courses[plan.pk]) for plan in plans]


def plan_for_sale(slug: str) -> Plan:
    """Return the plan. Refuses: 400 ``does_not_exist`` (also one not for sale), 409 ``plan_is_free``."""
    plan = Plan.objects.filter(slug=slug, is_active=True).first()
    if plan is None:
        raise UnknownPlan(attr="plan")
    if plan.tier == Tier.FREE:
        raise PlanIsFree
    return plan


def entitling_subscriptions(user_id: int, *, at: datetime) -> list[Subscription]:
    """Return what entitles the person at ``at``, each with its plan: the highest tier first, then the furthest end."""
    rows = Subscription.objects.filter(user=user_id, entitled_until__gt=at).select_related("plan")
    return sorted(rows, key=lambda row: (tier_rank(row.plan), row.entitled_until), reverse=True)


def subscription_status(user: User, *, at: datetime | None = None) -> Status:
    """Return what the person's plan allows: that of the highest tier they have, else the free plan's. Two statements.

    Asked of the subscriptions themselves, so it is right also between the end of one and the sweep that tidies up.
    """
    entitling = entitling_subscriptions(user.pk, at=at or timezone.now())
    if entitling:
        best = entitling[0]
        return _status(best.plan, is_active=True, expires_at=best.entitled_until)
    free = Plan.objects.filter(tier=Tier.FREE).first()
    return _status(free, is_active=False) if free else Status(Tier.FREE, False, None, [], Limits())


def _status(plan: Plan, *, is_active: bool, expires_at: datetime | None = None) -> Status:
    limits = Limits(plan.daily_lessons, plan.offline_downloads, plan.advanced_features)
    return Status(plan.tier, is_active, expires_at, plan.features, limits)
