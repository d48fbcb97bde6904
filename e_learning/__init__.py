"""The project: settings, addresses, servers, and the Celery app that every process shares."""

from e_learning.celery import app as celery_app

__all__ = ["celery_app"]
