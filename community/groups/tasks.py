"""Tasks of communities. Each only hurries along what the rows already say."""

import logging
from collections.abc import Callable

from celery import shared_task

from community.groups import services

logger = logging.getLogger(__name__)


@shared_task(name="community.open_group")
def open_group(course_id: int) -> None:
    services.open_group(course_id=course_id)


@shared_task(name="community.align_memberships")
def align_memberships(course_id: int, user_id: int) -> None:
    services.align_memberships(course_id=course_id, user_id=user_id)


@shared_task(name="community.sweep_groups")
def sweep_groups() -> int:
    """Do what was not heard: open communities, seat owners, align members, mend counts; returns how many."""
    steps = (
        services.open_missed_groups,
        services.seat_changed_owners,
        services.align_memberships,
        services.mend_member_counts,
    )
    return sum(map(_taken, steps))


def _taken(step: Callable[[], int]) -> int:
    try:
        return step()
    except Exception:  # whatever it is, the next step is not to wait for it
        logger.exception("the sweep of communities could not finish %s", step.__name__)
        return 0
