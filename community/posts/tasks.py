"""Tasks of posts."""

from celery import shared_task

from community.posts import services


@shared_task(name="community.forget_views")
def forget_views() -> int:
    return services.forget_views()
