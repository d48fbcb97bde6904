"""What there is of Asha's and Bilal's for a stranger to try, and how each endpoint is asked for it."""

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.services import start_attempt
from courses.learning.services import write_review
from courses.models import Course, Question, Quiz, QuizAttempt, Review
from payments.models import Payment
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.people import session_for
from tests.factories.purchases import buy
from tests.payments.factories import make_plan
from tests.strangers.classes import Class, class_in
from tests.strangers.talk import Talk, talk_in
from tests.strangers.tutoring import Tutoring, tutoring_in

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
    talk: Talk
    lesson: Class
    tutoring: Tutoring

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
        for part in (self.talk, self.lesson, self.tutoring):
            if (body := part.body(operation)) is not None:
                return body
        return bodies.get(operation, {})

    def query(self, operation: str) -> str:
        queries = {
            "contents_list": f"?module_id={self.course.modules.get().pk}",
            "modules_list": f"?course_id={self.course.pk}",
            "questions_list": f"?quiz_id={self.quiz.pk}",
            "quizzes_list": f"?content_id={self.quiz.content_id}",
        }
        return queries.get(operation, "") or self.talk.query(operation) or self.tutoring.query(operation)

    def call(self, client: APIClient, operation: str) -> Any:
        method, template = OPERATIONS[operation]
        named = {
            "id": self.path_id(operation),
            "language": "en",
            "asset_id": 1,
            **SHELF,
            **self.talk.path_ids(operation),
            **self.lesson.path_ids(operation),
            **self.tutoring.path_ids(operation),
        }
        path = template.format(**named) + self.query(operation)
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
    talk, lesson = talk_in(course, bilal), class_in(course, bilal)
    tutoring = tutoring_in(course, bilal)
    Course.objects.filter(pk=course.pk).update(is_published=published)
    return School(course, quiz, question, attempt, review, session_for(bilal).pk, payment, talk, lesson, tutoring)
