"""How files come in: bounded before they are read, and the same request again is the same request."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import RequestFactory
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from accounts.models import CustomUser
from courses.models import Course
from e_learning.core.uploads.forms import PictureForm
from tests.conftest import ClientFor
from tests.factories.uploads import picture, upload

BOUNDARY = "BoUnDaRy"


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def form(*parts: tuple[str, bytes]) -> bytes:
    lines = [b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body
             for head, body in parts]  # fmt: skip
    return b"\r\n".join([*lines, b"--" + BOUNDARY.encode() + b"--\r\n"])


def parsed(body: bytes, *, announced: int | None = None) -> tuple[Callable[[], Any], Counted]:
    """Return what parses the body, and the body as a stream; ``announced`` is its length as its sender says."""
    stream = Counted(body)
    media_type = f"multipart/form-data; boundary={BOUNDARY}"
    request = RequestFactory().generic("POST", "/", b"", content_type=media_type)
    request.META["CONTENT_LENGTH"] = str(announced or len(body))
    context = {"request": Request(request), "encoding": "utf-8"}
    return lambda: PictureForm().parse(stream, media_type, context), stream


@pytest.fixture
def small(settings: Any) -> None:
    settings.UPLOAD_MAX_IMAGE_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000


@pytest.mark.usefixtures("small")
def test_too_much_announced_is_refused_unread() -> None:
    parse, stream = parsed(form(('name="thumbnail"; filename="a.png"', b"x" * 3_000_000)))
    with pytest.raises(RequestDataTooBig):
        parse()
    assert stream.taken == 0


@pytest.mark.usefixtures("small")
def test_too_much_sent_is_refused_where_it_passes_the_limit() -> None:
    body = form(('name="thumbnail"; filename="a.png"', b"x" * 3_000_000))
    parse, stream = parsed(body, announced=150_000)
    with pytest.raises(RequestDataTooBig):
        parse()
    assert stream.taken < 1_000_000


@pytest.mark.parametrize("head", ['name="title"', 'name="ti\0tle"'])
def test_text_with_nul_is_refused(head: str) -> None:
    parse, _stream = parsed(form((head, b"a\0b")))
    with pytest.raises(ParseError):
        parse()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", f"multipart/form-data; boundary={BOUNDARY}"),
        (b"nonsense", f"multipart/form-data; boundary={BOUNDARY}"),
        (b"nonsense", "multipart/form-data"),
        (form(('name="title"', b"a"))[:-10], f"multipart/form-data; boundary={BOUNDARY}"),
        (form(("", b"a")), f"multipart/form-data; boundary={BOUNDARY}"),
        (form(('name="title"; filename="a"', b"a")), f"multipart/form-data; boundary={BOUNDARY}"),
        (form(('name="title"', b"\xff\xfe")), f"multipart/form-data; boundary={BOUNDARY}"),
        (form(('name="thumbnail"; filename="\0.png"', b"\x89PNG")), f"multipart/form-data; boundary={BOUNDARY}"),
        (form(*[('name="a"; filename="a"', b"a")] * 200), f"multipart/form-data; boundary={BOUNDARY}"),
        (form(*[('name="learning_objectives[9]"', b"a")] * 20), f"multipart/form-data; boundary={BOUNDARY}"),
        (form(('name="prerequisites"', b"9" * 5000)), f"multipart/form-data; boundary={BOUNDARY}"),
    ],
)
def test_a_malformed_form_is_the_callers_fault(
    body: bytes, content_type: str, asha: CustomUser, client_for: ClientFor
) -> None:
    client = client_for(asha)
    client.raise_request_exception = False
    for method, path in (("POST", "/api/courses/courses/"), ("PATCH", "/api/accounts/me/")):
        answer = client.generic(method, path, body, content_type=content_type)  # type: ignore[arg-type]  # bytes too
        assert answer.status_code < 500, answer.content
        assert answer.headers["Content-Type"] == "application/json"
    assert Course.objects.count() <= 1


@pytest.mark.django_db
def test_a_form_sent_again_gets_the_first_answer(asha: CustomUser, client_for: ClientFor) -> None:
    client = client_for(asha)

    def send(data: bytes, title: str = "A course") -> Any:
        sent = {"title": title, "thumbnail": upload(data, "a.png")}
        return client.post("/api/courses/courses/", sent, format="multipart", headers={"Idempotency-Key": "one"})

    first, again = send(picture()), send(picture())
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert Course.objects.count() == 1
    for other in (send(picture(size=(9, 9))), send(picture(), title="Another")):
        assert (other.status_code, other.json()["errors"][0]["code"]) == (409, "idempotency_key_reused")
