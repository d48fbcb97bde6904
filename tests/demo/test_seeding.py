"""The demo school as rows: what scripts and newcomers rely on."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.groups.auditing import counts_out_of_line
from community.models import CommunityGroup, Membership, Message, Post
from courses.models import Content, Course, Enrollment, Question, Subtitle
from e_learning.demo.seeding import seed_if_empty
from payments.models import Plan

pytestmark = pytest.mark.django_db


def seed() -> str:
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def test_the_school_is_as_scripts_expect_it() -> None:
    printed = seed()
    for name in ("asha", "bilal", "chitra", "admin"):
        assert f"{name}@demo.school" in printed
    assert "Demo password: " in printed
    courses = {course.title: course for course in Course.objects.select_related("instructor")}
    assert {course.instructor.username for course in courses.values()} == {"asha"}
    assert courses["Alphabet in Signs"].is_free
    assert courses["Alphabet in Signs"].content_count == 26
    assert str(courses["Spoken English"].price) == "499.00"
    assert [title for title, course in courses.items() if not course.is_published] == ["Numbers in Signs"]
    assert list(Enrollment.objects.values_list("user__username", "course__title")) == [("bilal", "Alphabet in Signs")]


def test_the_paid_course_has_every_content_and_question_type() -> None:
    seed()
    paid = Course.objects.get(title="Spoken English")
    types = set(Content.objects.filter(module__course=paid).values_list("content_type", flat=True))
    assert types == {"video", "text", "document", "quiz"}
    asked = set(Question.objects.filter(quiz__content__module__course=paid).values_list("question_type", flat=True))
    assert len(asked) == 8
    assert set(Subtitle.objects.values_list("language", flat=True)) == {"en", "hi"}


def test_the_plans_can_be_looked_at_and_are_the_schools_to_change() -> None:
    seed()
    shown = APIClient().get("/api/payments/plans/").json()["results"]
    assert [(plan["slug"], plan["tier"], plan["price"], plan["period"]) for plan in shown] == [
        ("free", "free", "0.00", "monthly"),
        ("premium", "premium", "299.00", "monthly"),
        ("pro", "pro", "2499.00", "yearly"),
    ]
    Plan.objects.exclude(slug="pro").delete()
    seed()
    assert Plan.objects.get().slug == "pro"


def test_each_published_course_has_a_community_that_talks() -> None:
    seed()
    groups = CommunityGroup.objects.order_by("title")
    assert list(groups.values_list("title", "member_count", "post_count")) == [
        ("Alphabet in Signs", 2, 1),
        ("Spoken English", 1, 1),
    ]
    assert list(Post.objects.filter(parent=None).values_list("author__username", flat=True)) == ["asha", "asha"]
    said = Message.objects.filter(room__community__title="Alphabet in Signs").order_by("seq")
    assert {message.sender.username for message in said if message.sender} == {"asha", "bilal", "admin"}
    assert [message.seq for message in said] == list(range(1, 8))
    assert counts_out_of_line() == []


def test_seeding_twice_changes_nothing_that_people_changed() -> None:
    seed()
    Course.objects.filter(title="Alphabet in Signs").update(title="My alphabet")
    Membership.objects.filter(user__username="bilal").delete()
    CommunityGroup.objects.filter(title="Alphabet in Signs").update(title="My talk", member_count=1)
    kinds = (CustomUser, Course, Content, Question, Enrollment, CommunityGroup, Membership, Post, Message)
    before = {model: model._default_manager.count() for model in kinds}
    seed()
    assert {model: model._default_manager.count() for model in before} == before
    assert Course.objects.filter(title="My alphabet").exists()
    assert CommunityGroup.objects.filter(title="My talk").exists()


def test_everybody_signs_in_with_the_printed_password() -> None:
    password = seed().split("Demo password: ")[1].split()[0]
    for name in ("asha", "bilal", "chitra", "admin"):
        body = {"email": f"{name}@demo.school", "password": password}
        assert APIClient().post("/api/accounts/login/", body).status_code == 200


def test_production_refuses_the_school_and_its_password(settings: Any) -> None:
    password = seed().split("Demo password: ")[1].split()[0]
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not in production"):
        seed()
    answer = APIClient().post("/api/accounts/login/", {"email": "asha@demo.school", "password": password})
    assert answer.status_code == 401


def test_the_server_seeds_an_empty_database_only(bilal: CustomUser) -> None:
    out: Any = io.StringIO()
    seed_if_empty(out)
    assert CustomUser.objects.get() == bilal
    assert out.getvalue() == ""


def test_a_lesson_of_the_alphabet_plays() -> None:
    seed()
    content = Content.objects.get(title="The letter A")
    video = APIClient().get(f"/api/courses/contents/{content.pk}/").json()["video"]
    assert video["source"] == "stored"
    for address in (video["renditions"][0]["url"], video["poster"]):
        answer = APIClient().get(address.split("8000", 1)[1])
        assert answer.status_code == 200
        assert len(b"".join(answer.streaming_content)) > 1000  # type: ignore[attr-defined]  # a file's answer streams
