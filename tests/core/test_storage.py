"""Private files have signed, expiring addresses; nothing that is stored ever runs in a browser."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import FileField
from django.db.models.fields.files import FieldFile
from django.test import AsyncClient, Client

from accounts.models import CustomUser, Session
from courses.catalogue.services import keep_upload
from e_learning.core.context import RequestContext, request_context
from e_learning.core.storage import file_address, public_storage, sign_address
from e_learning.core.uploads import DOCUMENT, judged_upload
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, make_course
from tests.factories.people import session_for
from tests.factories.uploads import PDF

WORDS = b"0123456789" * 1000


def local(address: str) -> str:
    """Return the path and query of one of our own addresses."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def film() -> str:
    return default_storage.save("lessons/film 1.mp4", ContentFile(WORDS))


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_signed_address_opens_the_file(client: Client, film: str, settings: Any) -> None:
    address = default_storage.url(film)
    answer = client.get(local(address))

    assert address.startswith(settings.PUBLIC_URL)
    assert answer.status_code == 200
    assert body_of(answer) == WORDS
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(WORDS))
    assert answer.headers["Accept-Ranges"] == "bytes"


# --- whom an address was given to ---------------------------------------------------------------


def address_given_to(user: CustomUser, film: str) -> tuple[str, Session]:
    """Return the address as a request of ``user`` would be given it, and the session of that request."""
    session = session_for(user)
    token = request_context.set(RequestContext("test", user_id=user.pk, session_id=session.pk))
    try:
        return local(default_storage.url(film)), session
    finally:
        request_context.reset(token)


def status(client: Any, address: str, **kwargs: Any) -> int:
    answer = client.get(address, **kwargs)
    body_of(answer)  # to its end, which closes the file
    return int(answer.status_code)


def test_an_address_is_refused_to_somebody_elses_token(
    client: Client, film: str, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    address, _session = address_given_to(bilal, film)

    assert status(client_for(chitra), address) == 404
    assert status(client_for(bilal), address) == 200  # another session of the same person
    assert status(client, address) == 200  # a player sends no token


def test_a_token_that_is_not_valid_is_401(client: Client, film: str, bilal: CustomUser) -> None:
    address, _session = address_given_to(bilal, film)
    answer = client.get(address, headers={"Authorization": "Bearer a.b.c"})

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "token_not_valid"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_address_ends_with_its_session(client: Client, film: str, bilal: CustomUser) -> None:
    address, session = address_given_to(bilal, film)
    assert status(client, address) == 200
    Session.objects.filter(pk=session.pk).end("logout")

    assert status(client, address) == 404


def test_an_address_ends_with_its_account(client: Client, film: str, bilal: CustomUser) -> None:
    address, _session = address_given_to(bilal, film)
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)

    assert status(client, address) == 404


def test_the_session_of_an_address_cannot_be_changed(
    client: Client, film: str, bilal: CustomUser, chitra: CustomUser
) -> None:
    address, session = address_given_to(bilal, film)
    other = session_for(chitra)

    assert status(client, address.replace(f"session={session.pk}", f"session={other.pk}")) == 404
    assert status(client, address.replace(f"&session={session.pk}", "")) == 404
    assert status(client, address + "&called=invoice.exe") == 404


def test_a_private_file_takes_one_statement_and_none_without_a_session(
    client: Client, film: str, bilal: CustomUser, django_assert_num_queries: Any
) -> None:
    address, _session = address_given_to(bilal, film)
    with django_assert_num_queries(1):
        status(client, address, headers={"Range": "bytes=10-19"})
    with django_assert_num_queries(0):
        status(client, local(default_storage.url(film)))


@pytest.mark.parametrize(
    "called", ["Notes of Asha.txt", "अध्याय १.txt", 'a"b;c=d\r\n.txt', "a:b/c.txt", "x" * 300 + ".txt"]
)
def test_a_download_gets_the_name_it_was_given(client: Client, called: str) -> None:
    name = default_storage.save("documents/0123.txt", ContentFile(b"words"))
    address = file_address(FieldFile(None, FileField(), name), called=called)  # type: ignore[arg-type]  # of no row
    answer = client.get(local(address))

    assert body_of(answer) == b"words"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "0123" not in answer.headers["Content-Disposition"]
    assert "\n" not in answer.headers["Content-Disposition"]


def test_without_a_signature_a_private_file_is_not_there(client: Client, film: str) -> None:
    assert client.get("/media/private/lessons/film%201.mp4").status_code == 404


def test_a_signature_is_good_for_its_own_file_alone(client: Client, film: str) -> None:
    default_storage.save("lessons/other.mp4", ContentFile(b"other"))
    query = urlsplit(default_storage.url(film)).query

    assert client.get(f"/media/private/lessons/other.mp4?{query}").status_code == 404
    assert client.get(f"/media/private/lessons/./film%201.mp4?{query}").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.replace("expires=1", "expires=9", 1),
        lambda query: query[:-1] + ("A" if query[-1] != "A" else "B"),
        lambda query: query.replace("signature=", "signature=x"),
        lambda query: query.replace("expires=", "expires=٣"),
        lambda query: query.replace("expires=", "expires=-"),
        lambda query: query + "&expires=99999999999",
        lambda query: "expires=" + "9" * 5000 + "&signature=x",
        lambda query: "expires=99999999999&signature=%C3%A9%00",
        lambda query: "expires=99999999999",
    ],
)
def test_a_changed_signature_is_not_there(client: Client, film: str, change: Any) -> None:
    path, _, query = local(default_storage.url(film)).partition("?")

    assert client.get(f"{path}?{query}").status_code == 200
    assert client.get(f"{path}?{change(query)}").status_code == 404


def test_an_expired_address_is_not_there(client: Client, film: str) -> None:
    good = sign_address(film, seconds=60)
    expired = sign_address(film, seconds=60, now=time.time() - 400)

    assert client.get(f"/media/private/lessons/film%201.mp4?{good}").status_code == 200
    assert client.get(f"/media/private/lessons/film%201.mp4?{expired}").status_code == 404


def test_addresses_of_one_moment_are_the_same_and_last_long_enough() -> None:
    addresses = {sign_address("a", seconds=3600, now=1_800_000_000 + offset) for offset in (0, 100, 299)}
    (address,) = addresses

    expires = int(address.partition("&")[0].removeprefix("expires="))
    assert 1_800_000_299 + 3600 < expires <= 1_800_000_000 + 3600 + 300


def test_an_address_signed_under_an_older_secret_is_not_there(client: Client, film: str) -> None:
    from django.core.signing import Signer

    expires = int(time.time()) + 600
    signature = Signer(key="an older secret", salt="media").signature(f"{expires}:::{film}")

    answer = client.get(f"/media/private/lessons/film%201.mp4?expires={expires}&signature={signature}")

    assert answer.status_code == 404


# --- public pictures ----------------------------------------------------------------------------


def test_public_pictures_need_no_signature(client: Client) -> None:
    name = public_storage().save("thumbnails/a b.png", ContentFile(b"picture"))
    address = public_storage().url(name)

    assert "?" not in address
    assert body_of(client.get(urlsplit(address).path)) == b"picture"


@pytest.mark.parametrize(
    "path",
    [
        "../private/lessons/film 1.mp4",
        "thumbnails/../../private/lessons/film 1.mp4",
        "/etc/hostname",
        "../../../../../../../../etc/hostname",
        "..",
        ".",
        "thumbnails",
        "no/such/file.png",
        "nul\0.png",
        "x" * 5000,
        "x/" * 3000 + "y",
        "\ud800.png",
    ],
    ids=lambda path: ascii(path)[:40],
)
def test_no_path_leaves_the_public_folder(client: Client, film: str, path: str) -> None:
    public_storage().save("thumbnails/a.png", ContentFile(b"picture"))
    raw = path.encode("utf-8", "surrogatepass").decode("latin-1")

    # Handed to the server as it is: a client would tidy the path up first.
    answer = client.get("/media/public/a.png", PATH_INFO=f"/media/public/{raw}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "name", ["drawing.svg", "page.html", "page.HTM", "page.xhtml", "words.xml", "program.js", "what"]
)
def test_what_could_carry_a_script_is_only_downloaded(client: Client, name: str) -> None:
    stored = public_storage().save(name, ContentFile(b"<script>alert(1)</script>"))

    answer = client.get(f"/media/public/{stored}")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.png", "image/png"), ("a.WEBP", "image/webp"), ("a.vtt", "text/vtt"), ("a.pdf", "application/pdf")],
)
def test_what_players_and_pages_show_is_shown_in_place(client: Client, name: str, content_type: str) -> None:
    stored = public_storage().save(name, ContentFile(b"words"))

    answer = client.get(f"/media/public/{stored}")

    assert not answer.headers.get("Content-Disposition", "").startswith("attachment")
    assert answer.headers["Content-Type"] == content_type


def test_media_is_only_read(client: Client) -> None:
    assert client.post("/media/public/a.png").status_code == 405


# --- ranges -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=9990-", 9990, 9999),
        ("bytes=9990-20000", 9990, 9999),
        ("bytes=-10", 9990, 9999),
        ("bytes=-20000", 0, 9999),
        ("bytes=0-999999999999999999", 0, 9999),
    ],
)
def test_a_range_is_answered_with_exactly_its_bytes(
    client: Client, film: str, asked: str, first: int, last: int
) -> None:
    answer = client.get(local(default_storage.url(film)), headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/10000"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert body_of(answer) == WORDS[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=10000-", "bytes=20000-30000", "bytes=20-10", "bytes=-0"])
def test_a_range_outside_the_file_is_416(client: Client, film: str, asked: str) -> None:
    answer = client.get(local(default_storage.url(film)), headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */10000"


@pytest.mark.parametrize(
    "asked", ["bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=٣-", "bytes=" + "9" * 5000 + "-", ""]
)
def test_a_range_that_is_none_gets_the_whole_file(client: Client, film: str, asked: str) -> None:
    answer = client.get(local(default_storage.url(film)), headers={"Range": asked})

    assert answer.status_code == 200
    assert len(body_of(answer)) == 10_000


def test_an_empty_file_is_sent_and_has_no_ranges(client: Client) -> None:
    name = public_storage().save("empty.png", ContentFile(b""))

    assert body_of(client.get(f"/media/public/{name}")) == b""
    assert client.get(f"/media/public/{name}", headers={"Range": "bytes=0-"}).status_code == 416


async def test_under_asgi_a_file_is_sent_piece_by_piece() -> None:
    """Django would first read a plain iterator to its end: a film in the memory of the one embedded process."""
    words = b"x" * 300_000
    name = public_storage().save("film.mp4", ContentFile(words))

    answer = await AsyncClient().get(f"/media/public/{name}", headers={"Range": "bytes=100-"})
    pieces = [piece async for piece in answer]  # type: ignore[attr-defined]  # it streams

    assert answer.status_code == 206
    assert len(pieces) > 2
    assert b"".join(pieces) == words[100:]


@pytest.mark.django_db
def test_files_are_closed_when_the_caller_leaves_early(client: Client, film: str) -> None:
    open_files = Path("/proc/self/fd")
    if not open_files.is_dir():
        pytest.skip("only Linux says which files are open")

    def open_films() -> int:
        links = (Path(link) for link in open_files.iterdir())
        return sum(link.exists() and link.resolve().suffix == ".mp4" for link in links)

    before = open_films()
    answers = [client.get(local(default_storage.url(film)), headers={"Range": "bytes=5-"}) for _ in range(3)]
    assert open_films() == before + 3
    for answer in answers:
        answer.close()

    assert open_films() == before


# --- S3, over real HTTP -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def s3_address() -> Any:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_address: str, settings: Any) -> None:
    """The settings of production, with a bucket of moto's behind them."""
    import boto3  # type: ignore[import-untyped]  # ships no types

    from tests.core.processes import settings_with

    named = settings_with(
        AWS_STORAGE_BUCKET_NAME="school",
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="testing",
        AWS_S3_ENDPOINT_URL=s3_address,
        AWS_S3_REGION_NAME="us-east-1",
        AWS_S3_ADDRESSING_STYLE="path",
        MEDIA_ADDRESS_SECONDS="600",
        DATA_DIR=str(settings.DATA_DIR),
    )
    settings.STORAGES = named["STORAGES"]
    boto3.client(
        "s3",
        endpoint_url=s3_address,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    ).create_bucket(Bucket="school")


@pytest.mark.usefixtures("bucket")
def test_on_a_bucket_private_files_have_presigned_addresses() -> None:
    import httpx

    name = storages["default"].save("lessons/film.mp4", ContentFile(WORDS))
    address = storages["default"].url(name)
    part = httpx.get(address, headers={"Range": "bytes=10-19"})

    assert "X-Amz-Expires=600" in address
    assert "X-Amz-Signature=" in address
    assert "/school/private/lessons/film.mp4" in address
    assert httpx.get(address).content == WORDS
    assert (part.status_code, part.content) == (206, WORDS[10:20])


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("name", "content_type", "shown"),
    [
        ("a.png", "image/png", True),
        ("a.pdf", "application/pdf", True),
        ("a.svg", "application/octet-stream", False),
        ("a.html", "application/octet-stream", False),
        ("a.txt", "text/plain; charset=utf-8", False),
    ],
)
def test_on_a_bucket_nothing_that_could_run_is_shown_in_place(name: str, content_type: str, shown: bool) -> None:
    """By the presigned address, and by what is kept with the object, also where nothing is signed."""
    import httpx

    stored = storages["default"].save(f"assets/{name}", ContentFile(b"<script>alert(1)</script>"))
    answer = httpx.get(storages["default"].url(stored))
    picture = public_storage().save(name, ContentFile(b"<script>alert(1)</script>"))
    kept = public_storage().bucket.Object(f"public/{picture}").get()

    assert answer.headers["Content-Type"] == kept["ContentType"] == content_type
    for disposition in (answer.headers["Content-Disposition"], kept["ContentDisposition"]):
        assert disposition.startswith("inline" if shown else "attachment")


@pytest.mark.usefixtures("bucket")
def test_on_a_bucket_a_download_gets_the_name_it_was_given() -> None:
    import httpx

    storage: Any = storages["default"]
    answer = httpx.get(storage.url(storage.save("documents/0123.docx", ContentFile(b"words")), called="Notes.docx"))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="Notes.docx"'


@pytest.mark.usefixtures("bucket")
def test_on_a_bucket_type_and_disposition_are_part_of_what_is_signed() -> None:
    """The stand-in checks no signatures, so that S3 would refuse a changed address is shown by what it signs."""
    storage: Any = storages["default"]
    name = storage.save("page.html", ContentFile(b"words"))
    query = dict(parse_qsl(urlsplit(storage.url(name)).query))
    other = dict(parse_qsl(urlsplit(storage.url(name, called="other.html")).query))

    assert query["response-content-disposition"] == 'attachment; filename="page.html"'
    assert query["response-content-type"] == "application/octet-stream"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-Signature"] != other["X-Amz-Signature"]


@pytest.mark.usefixtures("bucket")
def test_on_a_bucket_no_object_is_opened_to_everyone() -> None:
    """Private and public alike: who may read ``public/`` is the bucket's policy to say."""
    both: list[Any] = [storages["default"], public_storage()]
    for storage in both:
        name = storage.save("a.png", ContentFile(b"picture"))
        grants = storage.bucket.Object(f"{storage.location}/{name}").Acl().grants
        assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


@pytest.mark.usefixtures("bucket")
def test_on_a_bucket_public_pictures_have_plain_addresses() -> None:
    name = public_storage().save("thumbnails/a.png", ContentFile(b"picture"))

    assert public_storage().url(name).endswith("/school/public/thumbnails/a.png")


@pytest.mark.usefixtures("bucket")
def test_on_a_bucket_a_second_file_of_one_name_gets_another() -> None:
    names = {storages["default"].save("lessons/same.mp4", ContentFile(b"x")) for _ in range(2)}

    assert len(names) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bucket")
def test_on_a_bucket_an_upload_goes_in_comes_back_and_goes_with_its_row(asha: CustomUser) -> None:
    import httpx

    content = contents_of(make_course(asha))[0]
    for data in (PDF, PDF + b"\n"):
        upload = judged_upload(SimpleUploadedFile("Notes.pdf", data), families=(DOCUMENT,))
        content = keep_upload(editor=asha, content_id=content.pk, file=upload)
    address = content.document.url

    assert httpx.get(address).content == PDF + b"\n"
    assert [path for path in _keys() if "documents/" in path] == [f"private/{content.document.name}"]
    content.delete()
    assert not any("documents/" in path for path in _keys())


def _keys() -> list[str]:
    storage: Any = storages["default"]
    return [found.key for found in storage.bucket.objects.all()]
