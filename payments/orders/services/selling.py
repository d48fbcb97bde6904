"""What can be bought, by whom, for how much."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.api import course_offer
from e_learning.core.api.errors import Conflict, NotThere
from payments.subscriptions.models import Plan, Subscription, Tier
from payments.subscriptions.services import AlreadySubscribed


class AlreadyEnrolled(Conflict):
    code = "already_enrolled"
    message = _("You are enrolled in this course already.")


class CourseIsFree(Conflict):
    """Also for those who teach it and for admins, who enrol without paying."""

    code = "course_is_free"
    message = _("This course needs no payment: enrol in it.")


class PlanIsFree(Conflict):
    code = "plan_is_free"
    message = _("This plan needs no payment.")


class PrerequisitesUnmet(Conflict):
    code = "prerequisites_unmet"


@dataclass(frozen=True, slots=True)
class Thing:
    """What is for sale: a course or a plan."""

    course_id: int | None
    plan_id: int | None
    description: str
    price_paise: int


def thing_for_sale(*, user: User, course_id: int | None, plan_slug: str | None) -> Thing:
    """Return what ``user`` can buy under this id or slug.

    Refuses, in this order: 404 (absent or not visible), 409 ``already_enrolled``, 409 ``course_is_free``
    (``plan_is_free``), 409 ``prerequisites_unmet`` (``already_subscribed``: this very plan is charged again and again).
    """
    return _plan(user, plan_slug) if course_id is None else _course(user, course_id)


def _course(user: User, course_id: int) -> Thing:
    offer = course_offer(user=user, course_id=course_id)
    if offer.is_enrolled:
        raise AlreadyEnrolled
    if offer.is_free or offer.is_own:
        raise CourseIsFree
    if offer.prerequisites_unmet:
        raise PrerequisitesUnmet(_("Complete first: %(titles)s.") % {"titles": ", ".join(offer.prerequisites_unmet)})
    return Thing(offer.course_id, None, offer.title[:250], offer.price_paise)


def _plan(user: User, slug: str | None) -> Thing:
    plan = Plan.objects.filter(slug=slug, is_active=True).first()
    if plan is None:
        raise NotThere
    if plan.tier == Tier.FREE:
        raise PlanIsFree
    # A prepaid period would lie beside the one that is charged, and give nothing for its money.
    charged = Subscription.objects.filter(user=user, plan=plan, is_prepaid=False, cancels_at_period_end=False)
    if charged.filter(status=Subscription.Status.ACTIVE).exists():
        raise AlreadySubscribed
    return Thing(None, plan.pk, plan.name, plan.price_paise)
