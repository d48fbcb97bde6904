"""The back office: signing in there, and what staff may and may not do to people."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser, Session, UserSettings
from e_learning.core.mail import queue_mail
from e_learning.core.models import OutgoingMail
from tests.factories.people import PASSWORD, person, session_for

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/customuser/"
SESSIONS = "/admin/accounts/session/"
MAILS = "/admin/core/outgoingmail/"


@pytest.fixture
def office(admin: CustomUser) -> Client:
    browser = Client()
    browser.force_login(admin)
    return browser


@pytest.fixture
def support(db: None) -> Client:
    """A browser of a member of staff who may change people and is no superuser."""
    member = person("support", is_staff=True)
    permissions = ["view_customuser", "change_customuser", "delete_customuser", "view_session"]
    member.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(member)
    return browser


def sign_in(username: str, password: str = PASSWORD) -> Any:
    return Client().post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})


def act(browser: Client, page: str, action: str, *rows: Any) -> Any:
    return browser.post(page, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)


def form_of(browser: Client, page: str) -> dict[str, Any]:
    """Return what the admin's form would send back unchanged."""
    context = browser.get(page).context
    forms = [
        context["adminform"].form,
        *(form for inline in context["inline_admin_formsets"] for form in inline.formset),
    ]
    managers = [inline.formset.management_form for inline in context["inline_admin_formsets"]]
    values = {bound.html_name: bound.value() for form in [*forms, *managers] for bound in form}
    return {name: value for name, value in values.items() if value}


def test_the_admin_is_signed_in_to_by_e_mail(admin: CustomUser) -> None:
    assert sign_in(" ADMIN@demo.school").status_code == 302
    assert sign_in("admin@demo.school", "wrong").status_code == 200
    assert sign_in("nobody@demo.school").status_code == 200


def test_who_is_no_staff_does_not_get_in(bilal: CustomUser) -> None:
    assert sign_in("bilal@demo.school").status_code == 200


def test_guesses_at_the_admin_count_with_those_at_the_api(admin: CustomUser) -> None:
    for _ in range(5):
        sign_in("admin@demo.school", "wrong")
    assert sign_in("admin@demo.school").status_code == 200  # the form again, with the same words
    body = {"email": "admin@demo.school", "password": PASSWORD}
    assert Client().post("/api/accounts/login/", body, content_type="application/json").status_code == 429


def test_the_demo_password_does_not_open_the_admin_in_production(admin: CustomUser, settings: Any) -> None:
    CustomUser.objects.filter(pk=admin.pk).update(password=make_password(settings.DEMO_PASSWORD))
    settings.PRODUCTION = True
    assert sign_in("admin@demo.school", settings.DEMO_PASSWORD).status_code == 200


@pytest.mark.parametrize("page", [USERS, SESSIONS, MAILS, "/admin/auth/group/"])
def test_lists_cost_the_same_for_one_and_three(
    office: Client, page: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def add(name: str) -> None:
        session_for(person(name))
        queue_mail(kind="verify_email", recipient=f"{name}@demo.school")

    add("bilal")
    office.get(page)
    with django_assert_max_num_queries(12) as few:
        assert office.get(page, {"q": "a"} if page != "/admin/auth/group/" else {}).status_code == 200
    for name in ("chitra", "asha"):
        add(name)
    with django_assert_num_queries(len(few)):
        assert office.get(page, {"q": "a"} if page != "/admin/auth/group/" else {}).status_code == 200


def test_people_are_found_by_e_mail_and_name(office: Client, bilal: CustomUser, chitra: CustomUser) -> None:
    for asked in ("bilal@demo", "bila", "Bilal"):
        found = office.get(USERS, {"q": asked}).context["cl"].result_list
        assert [user.pk for user in found] == [bilal.pk]


def test_a_user_is_made_with_a_hashed_password_and_settings(office: Client) -> None:
    fields = {
        "email": "New@Demo.school",
        "username": "newcomer",
        "usable_password": "true",
        "password1": "a-good-long-word",
        "password2": "a-good-long-word",
    }
    assert office.post(f"{USERS}add/", fields).status_code == 302
    user = CustomUser.objects.get(username="newcomer")
    assert user.email == "new@demo.school"
    assert user.check_password("a-good-long-word")
    assert UserSettings.objects.filter(user=user).exists()


def test_the_demo_password_cannot_be_set_in_production(office: Client, settings: Any) -> None:
    settings.PRODUCTION = True
    word = settings.DEMO_PASSWORD
    fields = {
        "email": "new@demo.school",
        "username": "new",
        "usable_password": "true",
        "password1": word,
        "password2": word,
    }
    assert office.post(f"{USERS}add/", fields).status_code == 200
    assert not CustomUser.objects.filter(username="new").exists()


def test_a_changed_address_has_to_be_verified_anew(office: Client, bilal: CustomUser) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(email_verified=True)
    page = f"{USERS}{bilal.pk}/change/"
    assert office.post(page, form_of(office, page) | {"full_name": "Bilal K"}).status_code == 302
    bilal.refresh_from_db()
    assert (bilal.full_name, bilal.email_verified) == ("Bilal K", True)
    assert office.post(page, form_of(office, page) | {"email": "BILAL.K@demo.school"}).status_code == 302
    bilal.refresh_from_db()
    assert (bilal.email, bilal.email_verified) == ("bilal.k@demo.school", False)


def test_a_password_set_here_ends_the_users_sessions(office: Client, bilal: CustomUser) -> None:
    session = session_for(bilal)
    fields = {"password1": "another-long-word", "password2": "another-long-word", "usable_password": "true"}
    assert office.post(f"{USERS}{bilal.pk}/password/", fields | {"set-password": "x"}).status_code == 302
    bilal.refresh_from_db()
    session.refresh_from_db()
    assert bilal.check_password("another-long-word")
    assert session.end_reason == "password"


def test_deactivating_activating_and_signing_out(office: Client, bilal: CustomUser, chitra: CustomUser) -> None:
    session, strangers = session_for(bilal), session_for(chitra)
    act(office, USERS, "sign_out_everywhere", bilal)
    session.refresh_from_db()
    strangers.refresh_from_db()
    assert (session.end_reason, strangers.ended_at) == ("revoked", None)
    act(office, USERS, "deactivate", bilal)
    bilal.refresh_from_db()
    assert not bilal.is_active
    act(office, USERS, "activate", bilal)
    bilal.refresh_from_db()
    assert bilal.is_active


def test_nobody_closes_their_own_account_by_the_list(office: Client, admin: CustomUser) -> None:
    act(office, USERS, "deactivate", admin)
    admin.refresh_from_db()
    assert admin.is_active


def test_staff_who_are_no_superusers_hand_out_no_powers(support: Client, bilal: CustomUser) -> None:
    page = f"{USERS}{bilal.pk}/change/"
    sent = form_of(support, page)
    assert not {"role", "is_staff", "is_superuser", "groups", "user_permissions"} & set(sent)
    powers = {"is_superuser": "on", "is_staff": "on", "role": "admin", "full_name": "Bilal K"}
    assert support.post(page, sent | powers).status_code == 302
    bilal.refresh_from_db()
    assert (bilal.full_name, bilal.is_superuser, bilal.is_staff, bilal.role) == ("Bilal K", False, False, "student")


def test_staff_who_are_no_superusers_do_not_touch_one(support: Client, admin: CustomUser) -> None:
    before = admin.password
    fields = {"password1": "another-long-word", "password2": "another-long-word", "usable_password": "true"}
    assert support.post(f"{USERS}{admin.pk}/password/", fields | {"set-password": "x"}).status_code == 403
    assert support.post(f"{USERS}{admin.pk}/change/", {"email": "mine@demo.school"}).status_code == 403
    assert support.post(f"{USERS}{admin.pk}/delete/", {"post": "yes"}).status_code == 403
    act(support, USERS, "deactivate", admin)
    act(support, USERS, "delete_selected", admin)
    support.post(USERS, {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"})
    admin.refresh_from_db()
    assert (admin.password, admin.is_active) == (before, True)


def test_sessions_are_ended_and_never_written(office: Client, support: Client, bilal: CustomUser) -> None:
    session, over = session_for(bilal), session_for(bilal, ended_at=timezone.now(), end_reason="logout")
    assert office.get(f"{SESSIONS}add/").status_code == 403
    assert office.post(f"{SESSIONS}{session.pk}/change/", {"generation": 5}).status_code == 403
    assert office.post(f"{SESSIONS}{session.pk}/delete/", {"post": "yes"}).status_code == 403
    act(support, SESSIONS, "end", session)  # may look, not end
    assert Session.objects.live().filter(pk=session.pk).exists()
    act(office, SESSIONS, "end", session, over)
    session.refresh_from_db()
    over.refresh_from_db()
    assert (session.end_reason, over.end_reason) == ("revoked", "logout")


def test_failed_mail_is_tried_again_and_sent_mail_is_not(office: Client, bilal: CustomUser) -> None:
    failed = queue_mail(kind="verify_email", recipient=bilal.email)
    sent = queue_mail(kind="verify_email", recipient=bilal.email)
    later = timezone.now() + timedelta(hours=5)
    OutgoingMail.objects.filter(pk=failed.pk).update(state="failed", attempts=8, next_attempt_at=later)
    OutgoingMail.objects.filter(pk=sent.pk).update(state="sent")
    act(office, MAILS, "send_again", failed, sent)
    failed.refresh_from_db()
    sent.refresh_from_db()
    assert (failed.state, failed.attempts, failed.next_attempt_at < later) == ("queued", 0, True)
    assert sent.state == "sent"
    assert office.get(f"{MAILS}add/").status_code == 403
    assert mail.outbox == []


def test_the_groups_of_the_back_office_are_there() -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= {"instructor", "moderator", "support", "finance"}
