"""The words of the contract for a device that was offline: ``progress/sync/``."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courses.learning.folding import ProgressUpdate
from courses.learning.serializers import MOST_INTERVALS, MOST_SECONDS, ProgressUpdateSerializer
from courses.learning.services import RejectedUpdate, SyncOutcome
from e_learning.core.api.errors import ApiError, InvalidInput
from e_learning.core.api.paths import MOST_ID

MOST_UPDATES = 500
#: Of all updates of a batch together: uniting them is the dear part of it.
MOST_INTERVALS_TOGETHER = 50_000


class BadBatch(InvalidInput):
    message = _("Send a list of 1 to 500 updates.")

    def __init__(self) -> None:
        super().__init__(attr="updates")


class BatchTooLarge(ApiError):
    status = 413
    code = "too_large"
    message = _("The request is too large.")


class SyncUpdateSerializer(ProgressUpdateSerializer):
    client_time = serializers.DateTimeField()


class SyncSerializer(serializers.Serializer[Any]):
    """What may be sent, for the schema: each update is read by itself (``read_sync``), so one can't spoil the rest."""

    updates = serializers.ListField(child=SyncUpdateSerializer(), min_length=1, max_length=MOST_UPDATES)


class SyncResultSerializer(serializers.Serializer[Any]):
    content_id = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(["applied", "stale", "rejected"])
    code = serializers.ChoiceField(["invalid", "not_found", "enrollment_required"], required=False)


class SyncedCourseSerializer(serializers.Serializer[Any]):
    course_id = serializers.IntegerField()
    progress_percent = serializers.FloatField()


class SyncOutcomeSerializer(serializers.Serializer[Any]):
    results = SyncResultSerializer(many=True)
    courses = SyncedCourseSerializer(many=True)


_Id = Annotated[int, msgspec.Meta(ge=1, le=MOST_ID)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=MOST_SECONDS)]
_Moment = Annotated[float, msgspec.Meta(ge=0, le=MOST_SECONDS)]
_Watched = Annotated[list[tuple[_Moment, _Moment]], msgspec.Meta(max_length=MOST_INTERVALS)]


class _Update(msgspec.Struct):
    """The same as SyncUpdateSerializer says, read at a fraction of its cost: 500 of them come at once."""

    content_id: _Id
    last_position: _Seconds
    time_spent: _Seconds
    client_time: str
    watched: _Watched | msgspec.UnsetType = msgspec.UNSET
    is_completed: bool = False


class _ContentOnly(msgspec.Struct):
    content_id: _Id


def read_sync(data: Any, *, now: datetime) -> list[ProgressUpdate | RejectedUpdate]:
    """Return the updates of a body, those that can't be read as rejected.

    Raises the contract's 400 unless it is a list of 1 to 500, and 413 for too many intervals.
    """
    sent = data.get("updates") if isinstance(data, dict) else None
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_UPDATES:
        raise BadBatch
    updates = [_read_update(value, now) for value in sent]
    if sum(len(update.watched or ()) for update in updates if isinstance(update, ProgressUpdate)) > (
        MOST_INTERVALS_TOGETHER
    ):
        raise BatchTooLarge
    return updates


def _read_update(value: Any, now: datetime) -> ProgressUpdate | RejectedUpdate:
    try:
        read = msgspec.convert(value, _Update, strict=False)
        at = _client_time.run_validation(read.client_time)
    except (msgspec.ValidationError, serializers.ValidationError):
        return RejectedUpdate(_content_id_in(value))
    watched = None if read.watched is msgspec.UNSET else [(round(start), round(end)) for start, end in read.watched]
    # A clock that runs ahead counts as now, as in progress/update/.
    return ProgressUpdate(
        read.content_id, read.last_position, read.time_spent, min(at, now), watched, read.is_completed
    )


_client_time = serializers.DateTimeField(default_timezone=UTC)


def _content_id_in(value: Any) -> int | None:
    try:
        return msgspec.convert(value, _ContentOnly, strict=False).content_id
    except msgspec.ValidationError:
        return None


def sync_body(outcome: SyncOutcome) -> dict[str, Any]:
    return {
        "results": list(_results(outcome)),
        "courses": [
            {"course_id": course_id, "progress_percent": standing.progress_percent}
            for course_id, standing in outcome.courses.items()
        ],
    }


def _results(outcome: SyncOutcome) -> Iterator[dict[str, Any]]:
    for result in outcome.results:
        body = {"content_id": result.content_id, "status": result.status}
        yield body | {"code": result.code} if result.code else body
