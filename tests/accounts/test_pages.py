"""The pages that mail links to: opening one changes nothing, its button does."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import CustomUser
from accounts.signin.mailed_tokens import write_reset_token, write_verification_token

pytestmark = pytest.mark.django_db
VERIFY = "/account/verify-email/"
RESET = "/account/reset-password/"
NEW = "another-long-word"


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def press(browser: Client, page: str, token: str, **fields: str) -> Any:
    """Open the page of a link and send its form back as a browser would."""
    opened = browser.get(page, {"token": token})
    assert opened.status_code == 200
    inputs = dict(re.findall(r'name="(\w+)" value="([^"]*)"', opened.content.decode()))
    assert inputs["token"] == token
    return browser.post(page, inputs | fields)


def test_opening_the_link_verifies_nothing_and_pressing_the_button_does(browser: Client, bilal: CustomUser) -> None:
    token = write_verification_token(bilal)
    opened = browser.get(VERIFY, {"token": token})
    assert "no-store" in opened.headers["Cache-Control"]
    bilal.refresh_from_db()
    assert not bilal.email_verified
    done = press(browser, VERIFY, token)
    assert b"is confirmed" in done.content
    bilal.refresh_from_db()
    assert bilal.email_verified


def test_a_used_link_says_so(browser: Client, bilal: CustomUser) -> None:
    token = write_verification_token(bilal)
    press(browser, VERIFY, token)
    again = press(browser, VERIFY, token)
    assert again.status_code == 200
    assert b"not valid" in again.content


def test_a_new_password_is_set_on_the_page(browser: Client, bilal: CustomUser) -> None:
    token = write_reset_token(bilal)
    weak = press(browser, RESET, token, new_password="1234")
    assert b"too short" in weak.content
    done = press(browser, RESET, token, new_password=NEW)
    assert b"is changed" in done.content
    bilal.refresh_from_db()
    assert bilal.check_password(NEW)


def test_a_foreign_site_cannot_press_the_button(browser: Client, bilal: CustomUser) -> None:
    token = write_reset_token(bilal)
    assert browser.post(RESET, {"token": token, "new_password": NEW}).status_code == 403


@pytest.mark.parametrize("page", [VERIFY, RESET])
@pytest.mark.parametrize("token", ["", "nonsense", "\0", "<script>", "x" * 3000])
def test_a_broken_link_gets_an_answer(db: None, page: str, token: str) -> None:
    client = Client()
    opened = client.get(page, {"token": token})
    assert opened.status_code == 200
    assert b"<script>" not in opened.content
    assert client.post(page, {"token": token, "new_password": NEW}).status_code == 200
