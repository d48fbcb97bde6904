"""The platform speaks Hindi: every message has its text, and the caller's language decides (API §1)."""

import gettext
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
import rest_framework
from django.contrib.auth.password_validation import get_default_password_validators
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from django.utils.functional import Promise
from rest_framework import exceptions, fields, relations, serializers
from rest_framework.test import APIClient

from accounts.models import CustomUser
from accounts.signin.mailed_tokens import write_verification_token
from e_learning.core.tasks import sweep_mail
from tests.catalogues import PACKAGES, ROOT, Entry, entries_of, messages_in_python, messages_in_templates, places_of
from tests.conftest import ClientFor

OURS = ROOT / "locale/hi/LC_MESSAGES/django.po"
LIBRARIES = ROOT / "locale/libraries/hi/LC_MESSAGES/django.po"
CATALOGUES = pytest.mark.parametrize("po", [OURS, LIBRARIES], ids=["ours", "libraries"])
HINDI = re.compile(r"[\u0900-\u097f]")


def all_marked() -> set[tuple[str, ...]]:
    return {
        message
        for package in PACKAGES
        for read in (messages_in_python, messages_in_templates)
        for message in read(ROOT / package)
    }


def is_right(entry: Entry) -> bool:
    """Whether every form is in Hindi and takes what the message takes; no form is a guess of msgmerge's."""
    return (
        not entry.is_fuzzy
        and len(entry.texts) == len(entry.key)
        and all(HINDI.search(text) and places_of(text) == places_of(entry.key[-1]) for text in entry.texts)
    )


# --- the catalogues ------------------------------------------------------------------------------


def test_every_message_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    marked, translated = all_marked(), {entry.key for entry in entries_of(OURS)}
    # gettext keeps one entry for a message that stands alone here and with its plural there: the first form says which.
    spoken, known = {key[0] for key in marked}, {key[0] for key in translated}

    assert len(spoken) > 300
    assert spoken - known == set(), "run `make messages` and translate what is new"
    assert known - spoken == set(), "run `make messages`: nothing says this any more"
    assert {key for key in marked if len(key) > 1} <= translated


@CATALOGUES
def test_every_message_has_its_hindi_with_the_same_placeholders(po: Path) -> None:
    assert [entry for entry in entries_of(po) if not is_right(entry)] == []


@pytest.mark.parametrize(
    "entry",
    [
        Entry(("%(name)s is here.",), ("यहाँ है।",), is_fuzzy=False),
        Entry(("%d file", "%d files"), ("%d फ़ाइल", ""), is_fuzzy=False),
        Entry(("a file",), ("a file",), is_fuzzy=False),
        Entry(("a file",), ("फ़ाइल",), is_fuzzy=True),
    ],
    ids=["placeholder lost", "no plural", "not in Hindi", "a guess"],
)
def test_a_text_that_is_wrong_is_noticed(entry: Entry) -> None:
    assert not is_right(entry)


@CATALOGUES
def test_what_is_compiled_is_what_is_written(po: Path) -> None:
    entries = list(entries_of(po))
    compiled = po.with_suffix(".mo")
    with compiled.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)

    # The third word of the file is the number of its strings; one of them is the header.
    assert struct.unpack_from("<I", compiled.read_bytes(), 8) == (len(entries) + 1,)
    for entry in entries:
        said = (
            tuple(catalogue.ngettext(*entry.key, count) for count in (1, 2))
            if len(entry.key) == 2
            else (catalogue.gettext(*entry.key),)
        )
        assert said == entry.texts, "run `make messages`"


# --- what the libraries say ----------------------------------------------------------------------


def messages_of_fields() -> Iterator[Any]:
    for module in (fields, relations, serializers):
        for kind in vars(module).values():
            yield from getattr(kind, "default_error_messages", {}).values()


def messages_of_refusals() -> Iterator[Any]:
    for kind in vars(exceptions).values():
        if getattr(kind, "default_detail", None):
            yield kind.default_detail


def test_whatever_a_field_or_a_view_refuses_is_said_in_hindi() -> None:
    messages = {message for message in (*messages_of_fields(), *messages_of_refusals()) if isinstance(message, Promise)}
    with translation.override("hi"):
        assert len(messages) > 50
        assert [str(message) for message in messages if not HINDI.search(str(message))] == []


def test_a_weak_password_is_refused_in_hindi(db: None) -> None:
    bilal = CustomUser(email="bilal@demo.school", username="bilal-learns", full_name="Bilal")
    refusals = []
    with translation.override("hi"):
        for validator in get_default_password_validators():
            for password in ("1", "password", "bilal-learns", "12345678"):
                try:
                    validator.validate(password, bilal)
                except ValidationError as error:
                    refusals += error.messages

    assert len(refusals) >= 4
    assert [refusal for refusal in refusals if not HINDI.search(refusal)] == []


def test_the_libraries_still_say_what_is_translated_for_them() -> None:
    homes = [
        Path(rest_framework.__file__).parent,
        *(Path(django.__file__).parent / name for name in ("core", "db/models", "forms", "contrib/auth")),
    ]
    said = {key[0] for home in homes for key in messages_in_python(home)}

    assert [entry.key for entry in entries_of(LIBRARIES) if entry.key[0] not in said] == []


# --- over the API --------------------------------------------------------------------------------

LANGUAGES = pytest.mark.parametrize(
    ("asked_for", "answered_in"),
    [("hi", "hi"), ("hi-IN,en;q=0.5", "hi"), ("fr", "en"), ("en", "en"), ("", "en"), ("no such,;language", "en")],
)


def details(answer: Any) -> list[str]:
    return [entry["detail"] for entry in answer.json()["errors"]]


@LANGUAGES
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/accounts/me/"),  # a view of the framework's
        ("POST", "/api/courses/progress/update/"),  # a hot one
    ],
)
def test_a_refusal_comes_in_the_callers_language(
    anonymous: APIClient, method: str, path: str, asked_for: str, answered_in: str
) -> None:
    answer = anonymous.generic(method, path, headers={"Accept-Language": asked_for})

    assert answer.status_code == 401
    assert answer.headers["Content-Language"] == answered_in
    assert "Accept-Language" in answer.headers["Vary"]
    assert details(answer) == [{"hi": "पहले साइन इन करें।", "en": "Sign in first."}[answered_in]]


@LANGUAGES
@pytest.mark.parametrize("path", ["/api/courses/progress/update/", "/api/courses/quiz-attempts/start/"])
def test_a_missing_field_is_told_in_the_callers_language(
    chitra: CustomUser, client_for: ClientFor, path: str, asked_for: str, answered_in: str
) -> None:
    answer = client_for(chitra).post(path, {}, headers={"Accept-Language": asked_for})

    assert answer.status_code == 400
    expected = {"hi": "यह फ़ील्ड आवश्यक है।", "en": "This field is required."}[answered_in]
    assert set(details(answer)) == {expected}


def test_callers_of_two_languages_do_not_mix(db: None, anonymous: APIClient) -> None:
    said = [
        details(anonymous.get(path, headers={"Accept-Language": language}))
        for language in ("hi", "en", "hi")
        for path in ("/api/accounts/me/", "/api/courses/courses/999999999/")
    ]
    assert said == [
        ["पहले साइन इन करें।"],
        ["नहीं मिला।"],
        ["Sign in first."],
        ["Not found."],
        ["पहले साइन इन करें।"],
        ["नहीं मिला।"],
    ]


@pytest.mark.django_db
def test_who_registers_in_hindi_gets_the_mail_in_hindi() -> None:
    given = {"email": "new@demo.school", "password": "a-good-long-word", "full_name": "बिलाल"}
    answer = APIClient().post("/api/accounts/register/", given, headers={"Accept-Language": "hi"})
    assert answer.status_code == 201
    # Whoever sends it speaks no Hindi: the language is the row's.
    with translation.override("en"):
        sweep_mail()

    (letter,) = mail.outbox
    assert letter.subject == "अपने ई-मेल पते की पुष्टि करें"
    assert letter.body.startswith("नमस्ते बिलाल,")
    assert "/account/verify-email/?token=" in letter.body


def test_the_page_behind_that_mail_is_in_hindi_too(bilal: CustomUser) -> None:
    address = f"/account/verify-email/?token={write_verification_token(bilal)}"
    page = Client().get(address, headers={"Accept-Language": "hi"}).content.decode()

    assert '<html lang="hi">' in page
    assert "अपने ई-मेल पते की पुष्टि करें" in page


def test_the_back_office_names_things_in_hindi(admin: CustomUser) -> None:
    client = Client()
    client.force_login(admin)
    page = client.get("/admin/", headers={"Accept-Language": "hi"}).content.decode()

    for name in ("नामांकन", "क्विज़", "भेजे जाने वाले मेल", "बुकमार्क"):
        assert name in page
