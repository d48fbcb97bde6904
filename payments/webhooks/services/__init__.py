"""Taking in what the gateway tells, and working it off."""

from payments.webhooks.services.inbox import InvalidSignature, NotAnEvent, receive_event
from payments.webhooks.services.processing import due_event_ids, process_event, try_events_again

__all__ = [
    "InvalidSignature",
    "NotAnEvent",
    "due_event_ids",
    "process_event",
    "receive_event",
    "try_events_again",
]
