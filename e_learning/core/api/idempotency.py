"""``Idempotency-Key``: the same request again gets the first answer, not a second effect (API §1)."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from e_learning.core.api.errors import Conflict, InvalidInput
from e_learning.core.api.renderers import to_json
from e_learning.core.models import IdempotentAnswer

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 64
Handler = Callable[..., Response]


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was used for another request.")


def idempotent(handler: Handler) -> Handler:
    """Make a creating POST safe to send again. Without the header, or without a user, it changes nothing.

    The claim on the key, the handler's work and its answer are one transaction: a refused or
    crashed request leaves no claim behind, and of two at once the second waits and gets the
    first's answer. So the handler must not do slow foreign work: what calls a gateway is
    ``idempotent_over_gateway``.
    """

    @wraps(handler)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key_of(request)
        if key is None:
            return handler(view, request, *args, **kwargs)
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            answer = _claim(user_id=request.user.pk, key=key, fingerprint=fingerprint)
            if answer.status:
                return _again(answer, fingerprint)
            response = handler(view, request, *args, **kwargs)
            answer.status, answer.body = response.status_code, to_json(response.data)
            answer.save(update_fields=["status", "body"])
        return response

    return wrapper


def idempotent_over_gateway(handler: Handler) -> Handler:
    """The same for a POST that calls a gateway, and so must hold no transaction open.

    The claim on the key is committed first. The handler keeps an intent row of its own, which makes its
    work safe to repeat; of several at once the first answer that is written is given to all. A refusal
    is not kept: the same request may be sent again, and the key stays bound to its body.
    """

    @wraps(handler)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key_of(request)
        if key is None:
            return handler(view, request, *args, **kwargs)
        answer = _claim(user_id=request.user.pk, key=key, fingerprint=(fingerprint := _fingerprint(request)))
        if answer.status or answer.fingerprint != fingerprint:
            return _again(answer, fingerprint)
        response = handler(view, request, *args, **kwargs)
        unanswered = IdempotentAnswer.objects.filter(pk=answer.pk, status=0)
        if unanswered.update(status=response.status_code, body=to_json(response.data)):
            return response
        return _again(IdempotentAnswer.objects.get(pk=answer.pk), fingerprint)

    return wrapper


def _key_of(request: Request) -> str | None:
    """Return the request's key, None where there is none, or no user whose it could be."""
    key = request.headers.get("Idempotency-Key")
    if key is None or not request.user.is_authenticated:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput(_("An Idempotency-Key has 1 to 64 characters."), attr="Idempotency-Key")
    return key


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if isinstance(request.data, MultiValueDict):
        _add_form(digest, request.data)
    elif isinstance(request.data, dict | list):
        digest.update(to_json(request.data))
    return digest.hexdigest()


def _add_form(digest: Any, form: MultiValueDict[str, Any]) -> None:
    """The parts of a form, each under its length: between them stands a boundary that is another with each try."""
    for name, values in sorted(form.lists()):
        for value in values:
            is_file = isinstance(value, UploadedFile)
            size = value.size if is_file else len(value)
            digest.update(to_json([name, is_file, getattr(value, "name", ""), size]))
            for chunk in value.chunks() if is_file else [value.encode()]:
                digest.update(chunk)


def _claim(*, user_id: Any, key: str, fingerprint: str) -> IdempotentAnswer:
    now = timezone.now()
    IdempotentAnswer.objects.filter(user_id=user_id, key=key, created_at__lte=now - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(user_id=user_id, key=key, fingerprint=fingerprint, created_at=now)
    except IntegrityError:
        return IdempotentAnswer.objects.get(user_id=user_id, key=key)


def _again(answer: IdempotentAnswer, fingerprint: str) -> Response:
    if answer.fingerprint != fingerprint:
        raise KeyReused
    return Response(msgspec.json.decode(bytes(answer.body)), status=answer.status)


def forget_answers() -> int:
    """Delete answers past their 24 hours; returns how many."""
    return IdempotentAnswer.objects.filter(created_at__lte=timezone.now() - KEPT_FOR).delete()[0]
