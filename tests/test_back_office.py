"""The admin: every list opens, costs the same for one row and for three, and shows an instructor own courses only."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from attendance.models import AttendancePolicy, AttendanceWarning, Excuse
from attendance.services.keeping import keep_events
from chatbot.models import Conversation, CourseNeighbour, Draft, Flag, Job, Message, ProviderCall
from chatbot.retrieval.services import index_course
from courses.assessment.services import start_attempt
from courses.learning.services import complete_content
from courses.models import Asset, Bookmark, Category, Course, Enrollment, Question, Quiz, Review, Subtitle
from payments.models import Subscription, WebhookEvent
from payments.refunds.services import request_refund
from tests.factories.classes import event, make_session
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.people import person
from tests.factories.purchases import buy
from tests.payments.factories import make_coupon, make_plan, paid_course

pytestmark = pytest.mark.django_db
OURS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in {"accounts", "attendance", "chatbot", "community", "core", "courses", "payments"}
]


def page(model: Any) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def school_of(teacher: CustomUser, learner: CustomUser, number: int) -> Course:
    """One row of everything."""
    category = Category.objects.create(name=f"Category {number}", slug=f"category-{number}")
    course = make_course(teacher, contents=1, title=f"Course {number}", category=category)
    content = make_content(course.modules.get(), title=f"Quiz {number}", content_type="quiz")
    quiz = Quiz.objects.create(content=content, title=f"Quiz {number}")
    Question.objects.create(quiz=quiz, question_text="Why?", question_type="essay")
    enrollment = enroll(learner, course)
    start_attempt(learner=learner, quiz_id=quiz.pk)
    complete_content(enrollment_id=enrollment.pk, content_id=contents_of(course)[0].pk, at=timezone.now())
    Review.objects.create(enrollment=enrollment, course=course, user=learner, rating=5, comment="Clear.")
    Bookmark.objects.create(user=learner, course=course)
    Subtitle.objects.create(content=contents_of(course)[0], language="en", cues=[])
    payment = buy(learner, paid_course(teacher, title=f"Paid {number}"))
    request_refund(user=learner, payment_id=payment.pk, reason="Not for me", amount_paise=100, at=timezone.now())
    WebhookEvent.objects.create(
        event_id=f"event {number}", event="payment.captured", gateway="sandbox", body="{}", received_at=timezone.now(),
        next_attempt_at=timezone.now(),
    )  # fmt: skip
    make_coupon(code=f"OFF{number}")
    Subscription.objects.create(
        user=learner,
        plan=make_plan(slug=f"plan-{number}"),
        gateway="sandbox",
        receipt=f"receipt {number}",
        is_current=False,
    )
    session = make_session(course)
    keep_events(session, [event(session, learner, "check_in", session.starts_at)])
    Excuse.objects.create(session=session, user=learner, reason="The bus")
    AttendancePolicy.objects.create(course=course)
    AttendanceWarning.objects.create(course=course, user=learner, below=75, percent="60.0")
    conversation = Conversation.objects.create(user=learner, course=course, title="Why?")
    Flag.objects.create(user=learner, kind="abuse", words="Words")
    ProviderCall.objects.create(purpose="answer", provider="offline", model="extract", outcome="answered")
    Message.objects.create(conversation=conversation, role="user", content="Why?")
    index_course(course_id=course.pk)
    job = Job.objects.create(course=course, content=content, kind="flashcards", difficulty="easy", count=1)
    Draft.objects.create(job=job, content=content, order=1, body={"front": "Why?", "back": "So."}, quote="So.")
    other = Course.objects.get(title=f"Paid {number}")
    CourseNeighbour.objects.create(course=course, neighbour=other, score=0.5, together=3, learned_at=timezone.now())
    Asset.objects.create(course=course, name="a.png", file="a.png", digest=str(number), size=1)
    return course


@pytest.fixture
def back_office(admin: CustomUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_every_list_opens_and_costs_the_same_for_one_and_for_three(
    model: Any, back_office: Client, asha: CustomUser, bilal: CustomUser
) -> None:
    school_of(asha, bilal, 1)
    statements(back_office, page(model))  # content types are looked up once a process
    one = statements(back_office, page(model))
    for number in (2, 3):
        school_of(asha, person(f"learner{number}"), number)
    assert statements(back_office, page(model)) <= one


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_every_row_opens_and_every_search_answers(
    model: Any, back_office: Client, asha: CustomUser, bilal: CustomUser
) -> None:
    school_of(asha, bilal, 1)
    assert back_office.get(page(model), {"q": "x"}).status_code == 200
    row = model._default_manager.first()
    if row is not None:
        assert back_office.get(f"{page(model)}{row.pk}/change/").status_code == 200


def test_an_instructor_sees_own_courses_only(asha: CustomUser, bilal: CustomUser) -> None:
    colleague = person("admin", role="instructor", is_staff=True)
    school_of(asha, bilal, 1)
    others = school_of(colleague, bilal, 2)
    asha.is_staff = True
    asha.save(update_fields=["is_staff"])
    asha.groups.add(Group.objects.get(name="instructor"))
    client = Client()
    client.force_login(asha)
    for model in (Course, Enrollment, Quiz):
        shown = client.get(page(model)).content.decode()
        assert "Course 1" in shown or "Quiz 1" in shown
        assert "Course 2" not in shown
        assert "Quiz 2" not in shown
    assert client.get(f"{page(Course)}{others.pk}/change/").status_code == 302
    assert client.get("/admin/accounts/customuser/").status_code == 403


def test_a_learner_has_no_back_office(bilal: CustomUser) -> None:
    client = Client()
    client.force_login(bilal)
    assert client.get("/admin/").status_code == 302
