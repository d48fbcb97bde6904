"""What people really write, through the hot path: stored and given back byte for byte."""

import csv
import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from accounts.models import CustomUser
from community.chat.models import ChatRoom, Message
from community.chat.selectors import changes_since
from community.chat.services import Draft, post_messages
from tests.community.chat.saying import assert_numbered_without_gaps, code, stored
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person
from tests.thorough import times

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]


def texts_of(name: str) -> list[str]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return [str(text) for text in json.loads(path.read_text(encoding="utf-8"))]


def test_naughty_strings_come_back_byte_for_byte(room: ChatRoom, bilal: CustomUser) -> None:
    sayable = [text for text in texts_of("chat-blns/blns.json") if text.strip() and "\0" not in text]
    posted = [stored(outcome) for outcome in post_messages([Draft(room.pk, bilal.pk, text) for text in sayable])]
    assert [json.loads(one.text)["message"] for one in posted] == sayable
    back = changes_since(room_id=room.pk, after_seq=0, most=len(sayable)).messages
    assert [getattr(one, "message", None) for one in back] == sayable


def _rooms() -> list[str]:
    found = sorted(path.name for path in (DATA / "chat-gitter").glob("*.tsv"))
    return found[: times(len(found), few=2)] or ["none"]


@pytest.mark.parametrize("name", _rooms())
def test_a_room_of_gitter_is_replayed(name: str, asha: CustomUser) -> None:
    path = DATA / "chat-gitter" / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    room = make_community(make_course(asha, contents=0)).room
    said = _said(path)[: times(100_000, few=400)]
    talkers = {name: person(f"talker{number}") for number, name in enumerate(sorted({who for who, _text in said}))}
    for talker in talkers.values():
        assert room.community
        join(talker, room.community)
    drafts = [Draft(room.pk, talkers[who].pk, text, uuid4()) for who, text in said]
    outcomes = [outcome for start in range(0, len(drafts), 50) for outcome in post_messages(drafts[start : start + 50])]
    refused = {code(outcome) for draft, outcome in zip(drafts, outcomes, strict=True) if not _is_sayable(draft.text)}
    assert refused <= {"blank", "too_long"}
    sayable = [text for _who, text in said if _is_sayable(text)]
    assert list(Message.objects.filter(room=room).order_by("seq").values_list("text", flat=True)) == sayable
    assert_numbered_without_gaps(room)


def _said(path: Path) -> list[tuple[str, str]]:
    """Who said what, in order; the columns are those of its README."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        return [(row[4], row[6]) for row in rows if len(row) == 7]


def _is_sayable(text: str) -> bool:
    return bool(text.strip()) and len(text) <= 4000
