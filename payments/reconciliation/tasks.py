"""Tasks of the reconciliation room."""

from celery import shared_task
from django.utils import timezone

from payments.reconciliation.services import reconcile


@shared_task(name="payments.reconcile")
def reconcile_payments() -> bool:
    """Ask the gateway about what is not final, and mend. Says whether nothing was left to say; the log has the rest."""
    return reconcile(now=timezone.now()).is_clean
