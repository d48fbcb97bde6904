"""Transcripts and flags in the back office: who reads what, and who is told."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import CustomUser
from chatbot.conversations.services import ask
from chatbot.models import Conversation, Flag, Message
from courses.models import Course
from tests.community.notifications.told import told_of
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db(transaction=True)
CONVERSATIONS, FLAGS = "/admin/chatbot/conversation/", "/admin/chatbot/flag/"
SEVERE = "I want to kill myself"


def in_the_office(user: CustomUser, group: str) -> Client:
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.set([Group.objects.get(name=group)])
    client = Client()
    client.force_login(user)
    return client


def said(user: CustomUser, course: Course, *contents: str) -> Conversation:
    conversation = Conversation.objects.create(user=user, course=course)
    for content in contents:
        list(ask(user=user, conversation_id=conversation.pk, content=content, language="en"))
    conversation.refresh_from_db()
    return conversation


def test_an_instructor_reads_own_transcripts_without_what_was_flagged(
    asha: CustomUser, admin: CustomUser, bilal: CustomUser, course: Course
) -> None:
    own = said(bilal, course, "At how many degrees does water boil?", SEVERE)
    of_admin = said(bilal, make_course(admin, title="Metals"), "Is iron a metal?")
    office = in_the_office(asha, "instructor")

    listed = office.get(CONVERSATIONS).content.decode()
    assert f"{CONVERSATIONS}{own.pk}/" in listed
    assert f"{CONVERSATIONS}{of_admin.pk}/" not in listed
    page = office.get(f"{CONVERSATIONS}{own.pk}/change/").content.decode()
    assert "At how many degrees does water boil?" in page
    assert "a hundred degrees" in page
    answer = Message.objects.get(answers__flag__isnull=False)
    assert SEVERE not in page
    assert answer.content.splitlines()[0] not in page
    assert office.get(f"{CONVERSATIONS}{of_admin.pk}/change/").status_code == 302
    assert office.get(FLAGS).status_code == 403


def test_a_moderator_marks_a_flag_as_seen(bilal: CustomUser, chitra: CustomUser, course: Course) -> None:
    said(bilal, course, SEVERE)
    flag = Flag.objects.get()
    office = in_the_office(chitra, "moderator")

    assert SEVERE in office.get(FLAGS).content.decode()
    asked = {"action": "mark_as_seen", "_selected_action": [flag.pk]}
    assert office.post(FLAGS, asked).status_code == 302
    flag.refresh_from_db()
    assert flag.seen_by == chitra
    seen_at = flag.seen_at
    office.post(FLAGS, asked)
    flag.refresh_from_db()
    assert flag.seen_at == seen_at
    assert office.get(CONVERSATIONS).status_code == 403
    assert office.post(f"{FLAGS}{flag.pk}/delete/", {"post": "yes"}).status_code == 403


def test_staff_is_told_once_a_day_and_not_what_was_said(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser, course: Course
) -> None:
    in_the_office(chitra, "moderator")
    said(bilal, course, SEVERE, f"{SEVERE} now")

    assert Flag.objects.count() == 2
    for staff in (admin, chitra):
        [(kind, title)] = told_of(staff)
        assert kind == "system"
        assert "kill" not in title
        assert bilal.full_name not in title
    assert told_of(asha) == told_of(bilal) == []
