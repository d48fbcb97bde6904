"""Structured logs: every line carries the request's id and the user's, none carries a body, token or address."""

import logging

from e_learning.core.context import request_context


class RequestContextFilter(logging.Filter):
    """Adds ``request_id`` and ``user_id`` to each record, so that both formatters may name them."""

    def filter(self, record: logging.LogRecord) -> bool:
        context = request_context.get() or getattr(getattr(record, "request", None), "context", None)
        record.request_id = context.request_id if context else "-"
        record.user_id = context.user_id if context else None
        return True
