"""docs/asyncapi.json and docs/realtime.md say what the sockets do, all of it and nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from e_learning.asgi import attendance_sockets, chatbot_sockets, community_sockets, courses_sockets
from e_learning.core import sockets
from e_learning.management.commands.asyncapi import CLOSE_CODES, SOCKETS, document

DOCS = Path(settings.BASE_DIR) / "docs"
ROUTES = [*attendance_sockets, *chatbot_sockets, *community_sockets, *courses_sockets]
KINDS: set[Any] = {getattr(route.callback, "consumer_class", None) for route in ROUTES}


def test_the_document_is_what_the_frames_are() -> None:
    written = json.loads((DOCS / "asyncapi.json").read_text())
    assert written == document(), "run: .venv/bin/python manage.py asyncapi > docs/asyncapi.json"


def test_every_socket_is_described_with_the_frames_it_takes() -> None:
    assert {str(kind.frames) for kind in KINDS} == {str(socket.takes) for socket in SOCKETS.values()}


def test_every_close_code_is_described() -> None:
    used = {
        getattr(sockets, name)
        for name in ("SIGNED_OUT", "NOT_A_MEMBER", "NO_SUCH_ROOM", "TOO_SLOW", "TOO_MANY", "TOO_LARGE", "FAILED")
    }
    assert used | {1012} == set(CLOSE_CODES)
    table = (DOCS / "realtime.md").read_text()
    assert {int(code) for code in re.findall(r"^\| (\d{4}) \|", table, re.MULTILINE)} == set(CLOSE_CODES)


@pytest.mark.parametrize("name", sorted(SOCKETS))
def test_every_frame_is_explained(name: str) -> None:
    text, channel = (DOCS / "realtime.md").read_text(), document()["channels"][name]
    kinds = {message.rpartition(".")[2] for message in channel["messages"]}
    assert {kind for kind in kinds if f"`{kind}`" not in text} == set()


def test_references_lead_somewhere() -> None:
    whole = document()
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(whole))):
        found = whole
        for step in reference.split("/"):
            found = found[step]
        assert found, reference


def test_files_that_the_page_names_exist() -> None:
    text = (DOCS / "realtime.md").read_text()
    paths = re.findall(r"`((?:attendance|chatbot|community|courses|e_learning)/[\w/.]*)`", text)
    assert paths
    assert [path for path in paths if not (DOCS.parent / path).exists()] == []
