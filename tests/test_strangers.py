"""Chitra, a signed-in stranger, against every endpoint there is; and nobody at all against the same.

The table is held against the schema: an endpoint that is added without saying what a stranger gets
fails the first test.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.services import start_attempt
from courses.learning.services import write_review
from courses.models import Course, Question, Quiz, QuizAttempt, Review
from payments.models import Payment
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.people import session_for
from tests.factories.purchases import buy
from tests.payments.factories import make_plan

pytestmark = pytest.mark.django_db

#: Lists that ask whose course it is: a stranger's is empty.
OWNERS_LISTS = {"modules_list", "contents_list"}
PUBLIC = {
    "accounts_register", "accounts_login", "accounts_refresh", "accounts_password_reset",
    "accounts_password_reset_confirm", "accounts_email_verify",
    "categories_list", "courses_list", "courses_retrieve", "reviews_list", "search",
    "plans_list", "payments_webhook",
}  # fmt: skip
#: About the caller alone: there is nobody else's row to name.
OWN = {
    "accounts_logout", "accounts_me", "accounts_me_update", "accounts_my_settings", "accounts_my_settings_update",
    "accounts_password_change", "accounts_email_resend", "accounts_sessions", "enrollments_list", "bookmarks_list",
    "quiz_attempts_list", "progress_stats", "progress_history", "progress_sync",
    "search_suggestions", "payments_list", "refunds_list",
    "subscription_status", "subscriptions_create", "subscriptions_cancel", "subscriptions_upgrade",
}  # fmt: skip
LISTS_OF_OWN = {
    "enrollments_list", "bookmarks_list", "quiz_attempts_list", "progress_history", "payments_list", "refunds_list",
}  # fmt: skip
#: What a stranger may do to a published course: look at it, keep it, join it where it is free.
OPEN = {
    "courses_enroll", "bookmarks_create", "bookmarks_delete", "accounts_user", "courses_create",
    "library_retrieve", "library_shelf", "library_topic", "coupons_validate",
}  # fmt: skip
#: What names somebody else's row, and what the stranger gets: on a published course, and on a draft.
REFUSED: dict[str, tuple[int, int]] = {
    "assessments_create": (409, 409),
    "assets_list": (403, 404),
    "assets_create": (403, 404),
    "assets_delete": (403, 404),
    "contents_upload": (404, 404),
    "contents_upload_status": (404, 404),
    "accounts_session_end": (404, 404),
    "contents_retrieve": (403, 404),
    "contents_update": (404, 404),
    "contents_delete": (404, 404),
    "contents_create": (404, 404),
    "contents_reorder": (404, 404),
    "contents_subtitles": (403, 404),
    "contents_subtitles_put": (404, 404),
    "courses_update": (403, 404),
    "courses_delete": (403, 404),
    "courses_progress": (403, 404),
    "modules_create": (403, 404),
    "payments_create_order": (409, 404),
    "payments_invoice": (404, 404),
    "payments_retrieve": (404, 404),
    "payments_verify": (404, 404),
    "refunds_create": (404, 404),
    "sandbox_pay": (404, 404),
    "modules_retrieve": (404, 404),
    "modules_update": (404, 404),
    "modules_delete": (404, 404),
    "modules_reorder": (404, 404),
    "progress_update": (403, 404),
    "questions_list": (404, 404),
    "questions_create": (404, 404),
    "questions_retrieve": (404, 404),
    "questions_update": (404, 404),
    "questions_delete": (404, 404),
    "quiz_attempts_retrieve": (404, 404),
    "quiz_attempts_autosave": (404, 404),
    "quiz_attempts_submit": (404, 404),
    "quiz_attempts_start": (403, 404),
    "reviews_create": (403, 404),
    "reviews_update": (403, 404),
    "reviews_delete": (403, 404),
    "quizzes_list": (404, 404),
    "quizzes_create": (404, 404),
    "quizzes_retrieve": (404, 404),
    "quizzes_update": (404, 404),
    "quizzes_delete": (404, 404),
}
SHELF = {"grade": "5", "subject": "Signs", "topic": "Letters"}
OPERATIONS: dict[str, tuple[str, str]] = {
    operation["operationId"]: (method, path)
    for path, methods in SchemaGenerator().get_schema(public=True)["paths"].items()
    for method, operation in methods.items()
}


@dataclass
class School:
    """What there is of Asha's and Bilal's, in one course, for the stranger to try."""

    course: Course
    quiz: Quiz
    question: Question
    attempt: QuizAttempt | None
    review: Review
    session_id: int
    payment: Payment

    def path_id(self, operation: str) -> int:
        kind = operation.rsplit("_", 1)[0]
        module = self.course.modules.get()
        ids = {
            "accounts_session": self.session_id,
            "accounts": self.course.instructor_id,
            "modules": module.pk,
            "payments": self.payment.pk,
            "contents": contents_of(self.course)[0].pk,
            "contents_upload": contents_of(self.course)[0].pk,
            "contents_subtitles": contents_of(self.course)[0].pk,
            "questions": self.question.pk,
            "quizzes": self.quiz.pk,
            "reviews": self.course.pk if operation == "reviews_create" else self.review.pk,
            "quiz_attempts": self.attempt.pk if self.attempt else 1,
        }
        return ids.get(kind, self.course.pk)

    def body(self, operation: str) -> dict[str, Any]:
        module, contents = self.course.modules.get(), contents_of(self.course)
        bodies: dict[str, dict[str, Any]] = {
            "assessments_create": {"subject": "Signs", "topic": "", "count": 5},
            "contents_create": {"module_id": module.pk, "title": "Mine", "content_type": "text"},
            "contents_reorder": {"ids": [content.pk for content in contents]},
            "modules_create": {"course_id": self.course.pk, "title": "Mine"},
            "modules_reorder": {"ids": [module.pk]},
            "coupons_validate": {"code": "SECRET", "course_id": self.course.pk},
            "payments_create_order": {"course_id": self.course.pk},
            "payments_verify": {
                "razorpay_order_id": self.payment.razorpay_order_id,
                "razorpay_payment_id": self.payment.razorpay_payment_id,
                "razorpay_signature": "0" * 64,
            },
            "refunds_create": {"payment_id": self.payment.pk, "reason": "Mine"},
            "sandbox_pay": {"razorpay_order_id": self.payment.razorpay_order_id},
            "progress_update": {"content_id": contents[0].pk, "last_position": 1, "time_spent": 1},
            "quizzes_create": {"content_id": contents[-1].pk, "title": "Mine"},
            "quiz_attempts_start": {"quiz_id": self.quiz.pk},
            "questions_create": {"quiz_id": self.quiz.pk, "question_text": "Why?", "question_type": "essay"},
            "quiz_attempts_autosave": {"answers": []},
            "quiz_attempts_submit": {"answers": []},
            "reviews_create": {"rating": 1},
            "reviews_update": {"rating": 1},
            "courses_update": {"title": "Mine"},
            "contents_update": {"title": "Mine"},
            "modules_update": {"title": "Mine"},
            "quizzes_update": {"title": "Mine"},
            "questions_update": {"question_text": "Mine"},
        }
        return bodies.get(operation, {})

    def query(self, operation: str) -> str:
        queries = {
            "contents_list": f"?module_id={self.course.modules.get().pk}",
            "modules_list": f"?course_id={self.course.pk}",
            "questions_list": f"?quiz_id={self.quiz.pk}",
            "quizzes_list": f"?content_id={self.quiz.content_id}",
        }
        return queries.get(operation, "")

    def call(self, client: APIClient, operation: str) -> Any:
        method, template = OPERATIONS[operation]
        path = template.format(id=self.path_id(operation), language="en", asset_id=1, **SHELF) + self.query(operation)
        if operation == "contents_subtitles_put":
            cue = "1\n00:00:01,000 --> 00:00:02,000\nMine\n"
            return client.generic("PUT", path, cue, content_type="application/x-subrip")
        if operation in {"assets_create", "contents_upload"}:
            return client.post(path, {"file": SimpleUploadedFile("mine.txt", b"Mine")}, format="multipart")
        return getattr(client, method)(path, None if method == "get" else self.body(operation))


def school(asha: CustomUser, bilal: CustomUser, *, published: bool) -> School:
    course = make_course(asha, published=True, subject="Signs")
    content = make_content(course.modules.get(), title="Quiz", content_type="quiz", order=9)
    quiz = Quiz.objects.create(content=content, title="Quiz")
    question = Question.objects.create(quiz=quiz, question_text="Why?", question_type="essay")
    enroll(bilal, course)
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    review = write_review(reviewer=bilal, course_id=course.pk, values={"rating": 5, "comment": "Secret praise"})
    payment = buy(bilal, make_plan())
    Course.objects.filter(pk=course.pk).update(is_published=published)
    return School(course, quiz, question, attempt, review, session_for(bilal).pk, payment)


def test_every_endpoint_says_what_a_stranger_gets() -> None:
    assert set(OPERATIONS) == PUBLIC | OWN | OPEN | OWNERS_LISTS | set(REFUSED)


@pytest.mark.parametrize("operation", sorted(REFUSED))
@pytest.mark.parametrize("published", [True, False], ids=["published", "draft"])
def test_a_stranger_is_refused(
    operation: str, published: bool, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    there = school(asha, bilal, published=published)
    before = Course.objects.values_list("version", "title").get()
    answer = there.call(client_for(chitra), operation)
    assert answer.status_code == REFUSED[operation][0 if published else 1], answer.content
    assert answer.json()["type"] == "client_error"
    assert b"Why?" not in answer.content
    assert b"Secret" not in answer.content
    assert Course.objects.values_list("version", "title").get() == before


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - PUBLIC))
def test_without_a_token_it_is_401(operation: str, asha: CustomUser, bilal: CustomUser, anonymous: APIClient) -> None:
    answer = school(asha, bilal, published=True).call(anonymous, operation)
    assert answer.status_code == 401, answer.content
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("operation", sorted(LISTS_OF_OWN | OWNERS_LISTS))
def test_lists_hold_nothing_of_others(
    operation: str, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    assert school(asha, bilal, published=True).call(client_for(chitra), operation).json()["results"] == []


def test_a_stranger_joins_and_keeps_no_draft(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    there, client = school(asha, bilal, published=False), client_for(chitra)
    for operation in ("courses_enroll", "bookmarks_create", "courses_retrieve", "coupons_validate"):
        assert there.call(client, operation).status_code == 404
    assert client.get("/api/courses/courses/").json()["results"] == []


def test_a_student_writes_no_course(chitra: CustomUser, client_for: ClientFor) -> None:
    assert client_for(chitra).post("/api/courses/courses/", {"title": "Mine"}).status_code == 403


def test_of_a_person_a_stranger_sees_five_fields(asha: CustomUser, chitra: CustomUser, client_for: ClientFor) -> None:
    body = client_for(chitra).get(f"/api/accounts/users/{asha.pk}/").json()
    assert set(body) == {"id", "username", "full_name", "profile_image", "role"}
