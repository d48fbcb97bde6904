"""A course of Asha's with words to write from, a quiz for what is accepted, and jobs of it."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.generation.services import ask_for_drafts, run_job
from chatbot.models import Draft, Job
from courses.models import Content, Course, Module, Quiz
from tests.factories.courses import enroll, make_content, make_course
from tests.factories.quizzes import make_quiz

WATER = (
    "Water boils at a hundred degrees at the level of the sea. Salt water freezes at a lower temperature than fresh "
    "water. Steam is water that has become a gas. Ice floats on a lake because ice is lighter than liquid water. "
    "The oceans hold 97 percent of the water of the earth. Glaciers hold most of the fresh water. Plants drink water "
    "through their roots. An adult needs about two litres of water a day. A camel can drink a hundred litres within "
    "ten minutes. The river Ganga begins at the Gangotri glacier in the Himalayas."
)
CLOUDS = (
    "Clouds are made of tiny drops of water. Rain falls when the drops of a cloud grow too heavy. Fog is a cloud that "
    "touches the ground. Lightning heats the air to thirty thousand degrees. Thunder is the sound of air that "
    "lightning has heated. Cirrus clouds are made of crystals of ice. The monsoon reaches Kerala in June. Hail forms "
    "in tall clouds during a thunderstorm. Meteorologists measure rain with a gauge."
)
Drafted = Callable[..., Job]


@pytest.fixture
def course(asha: CustomUser, bilal: CustomUser) -> Course:
    """With two lessons, an empty one, and Bilal who learns from it."""
    course = make_course(asha, contents=0, title="Weather")
    module = Module.objects.get(course=course)
    for order, (title, text) in enumerate([("Water", WATER), ("Clouds", CLOUDS)], start=1):
        make_content(module, title=title, text_html=f"<p>{text}</p>", order=order, topic=f"{title} itself")
    make_content(module, title="Nothing", text_content="", text_html="", order=3)
    enroll(bilal, course)
    return course


@pytest.fixture
def lesson(course: Course) -> Content:
    return Content.objects.get(title="Water")


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A quiz without questions."""
    return make_quiz(course, [])


@pytest.fixture
def drafted(course: Course, asha: CustomUser, lesson: Content) -> Drafted:
    """Return a function that has a job of the lesson done, three questions unless told otherwise, and returns it."""

    def make(**asked: Any) -> Job:
        values: dict[str, Any] = {"kind": "questions", "count": 3, "difficulty": "medium", "content_id": lesson.pk}
        job = ask_for_drafts(user=asha, **(values | asked))
        run_job(job_id=job.pk)
        job.refresh_from_db()
        return job

    return make


def drafts_of(job: Job) -> list[Draft]:
    return list(job.drafts.order_by("order"))


def accept(client: APIClient, job: Job, quiz: Quiz | None, *drafts: dict[str, Any], **headers: str) -> Any:
    """Accept drafts as the API takes them."""
    body = {"quiz_id": quiz and quiz.pk, "drafts": drafts}
    return client.post(f"/api/chatbot/jobs/{job.pk}/accept/", body, format="json", headers=headers)
