"""A canary in every key: who goes round the whole platform finds none before its time, and all of them after.

The crawl knows no call by name: it takes them from the schema, the addresses and the back office's own list, so
that what is added is crawled too. Each call is taken back, so that every one meets the same school.
"""

import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin as back_office
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.assessment.models import QuestionType
from courses.assessment.services import attempts, save_answers, start_attempt, submit_attempt
from courses.models import Content, Course, QuizAttempt
from tests.canaries import (
    BIRD,
    CANARIES,
    KEY_COLUMNS,
    RECIPES,
    canaries_in,
    complaints_about,
    hidden_columns,
    turn_keys,
)
from tests.conftest import ClientFor
from tests.crawl import Call, Crawl, operations, plain_addresses, text_of, undone
from tests.factories.courses import contents_of, enroll, make_course
from tests.factories.people import person
from tests.factories.quizzes import make_quiz, right_answers_to, wrong_answers_to

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
ABOUT: dict[str, Any] = {"subject": "Signs", "topic": "Letters", "grade": "3"}
STAFF = ("colleague", "moderator", "support", "finance")
DRAW = "/api/courses/assessments/"


@dataclass
class School:
    """Asha's course with a quiz of every type, and Bilal in it; nobody else has anything to do with either."""

    course: Course
    quiz: Any
    people: dict[str, CustomUser]
    attempts: list[int] = field(default_factory=list)

    @property
    def bilal(self) -> CustomUser:
        return self.people["bilal"]

    def crawl(self, words: str = BIRD) -> Crawl:
        module, contents = self.course.modules.get(), contents_of(self.course)
        quiz_content = self.quiz.content_id
        questions = list(self.quiz.questions.values_list("pk", flat=True))
        ids = {
            "users": [self.people["asha"].pk],
            "courses": [self.course.pk],
            "modules": [module.pk],
            "contents": [quiz_content],
            "quizzes": [self.quiz.pk],
            "questions": questions[:1],
            "quiz-attempts": self.attempts or [1],
        }
        known = {
            **ABOUT,
            "course_id": self.course.pk,
            "course": self.course.pk,
            "module_id": module.pk,
            "module": module.pk,
            "content_id": quiz_content,
            "quiz_id": self.quiz.pk,
            "quiz": self.quiz.pk,
            "ids": [content.pk for content in contents],
            "language": "en",
            "count": len(RECIPES),
            "difficulty": "medium",
            "question_type": "essay",
            "answers": wrong_answers_to(self.quiz),
        }
        return Crawl(known, ids, words)

    # --- the stages of Bilal's attempt, in the order in which they come ---

    def before(self) -> None:
        """Nothing has been begun."""

    def running(self) -> None:
        self.attempts.append(start_attempt(learner=self.bilal, quiz_id=self.quiz.pk).running.attempt.pk)

    def saved(self) -> None:
        self.running()
        save_answers(learner=self.bilal, attempt_id=self.attempts[-1], answers=wrong_answers_to(self.quiz))

    def submitted(self) -> None:
        self.running()
        submit_attempt(learner=self.bilal, attempt_id=self.attempts[-1], answers=wrong_answers_to(self.quiz))

    def retake(self) -> None:
        """One attempt is closed, the next one is open: the closed one tells, the open one doesn't."""
        self.submitted()
        self.running()

    def expired(self) -> None:
        self.saved()
        QuizAttempt.objects.filter(pk=self.attempts[-1]).update(deadline=timezone.now() - timedelta(seconds=1))

    def drawn(self) -> None:
        """An assessment from the bank runs; the quiz that its questions are from has not been begun."""
        client = client_of(self.bilal)
        drawn = client.post(DRAW, {**ABOUT, "count": len(RECIPES)}, format="json")
        assert drawn.status_code == 201, drawn.content
        assert not canaries_in(text_of(drawn))
        self.attempts.append(drawn.json()["id"])


HAS_A_BANK = any(operation.path == DRAW for operation in operations())
UNTOLD = ["before", "running", "saved", *(["drawn"] if HAS_A_BANK else [])]
TOLD = ["submitted", "retake", "expired"]


@pytest.fixture
def school(asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser, settings: Any) -> School:
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "1000000/60")
    course = make_course(asha, title="Letters", **{name: ABOUT[name] for name in ("subject", "grade")})
    quiz = make_quiz(course, [recipe.draft for recipe in RECIPES.values()], title="Letters", time_limit=600)
    Content.objects.filter(module__course=course).update(**ABOUT)
    enroll(bilal, course)
    people = {"asha": asha, "bilal": bilal, "chitra": chitra, "admin": admin, "parent": person("parent", role="parent")}
    for name in STAFF:
        role = "instructor" if name == "colleague" else "student"
        people[name] = person(name, role=role, is_staff=True)
        people[name].groups.add(Group.objects.get_or_create(name="instructor" if name == "colleague" else name)[0])
    return School(course, quiz, people)


def client_of(user: CustomUser | None) -> APIClient:
    """Return a client signed in for the API and, where the person is of the staff, for the back office."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


# --- what the suite knows of question types and columns -----------------------------------------


def test_every_type_of_question_is_registered_and_has_a_recipe() -> None:
    assert complaints_about(QuestionType.values) == []
    assert set(RECIPES) == set(QuestionType.values)


def test_type_that_is_not_registered_fails_the_suite() -> None:
    assert len(complaints_about([*QuestionType.values, "riddle"])) == 2


def test_every_column_that_learners_are_not_shown_has_a_canary() -> None:
    assert hidden_columns() == KEY_COLUMNS
    assert set().union(*(recipe.columns for recipe in RECIPES.values())) >= KEY_COLUMNS


# --- the crawl ----------------------------------------------------------------------------------


def open_parts(page: Any, reader: str) -> Any:
    """Return a page without the closed attempts of ``reader``, which are due: what is left has to be silent."""
    if isinstance(page, dict):
        if page.get("status") in {"submitted", "expired"} and page.get("user", {}).get("username") == reader:
            return None
        return {name: open_parts(part, reader) for name, part in page.items()}
    return [open_parts(part, reader) for part in page] if isinstance(page, list) else page


def undue_in(response: Any, reader: str) -> list[str]:
    text = text_of(response)
    found = canaries_in(text)
    if found and response.headers.get("Content-Type", "").startswith("application/json"):
        headers = " ".join(str(value) for value in response.headers.values())
        return canaries_in(json.dumps(open_parts(response.json(), reader)) + headers)
    return found


def leaks(client: APIClient, calls: Iterable[Call], reader: str = "") -> list[str]:
    """Make the calls, and return each that told a canary before its time, with the canaries."""
    told = []
    for call in calls:
        response = undone(client, call)
        assert response.status_code < 500, call
        found = undue_in(response, reader)
        if found:
            told.append(f"{call} {call.body} told {found}")
    return told


@pytest.mark.parametrize("stage", UNTOLD + TOLD)
def test_the_learner_finds_no_canary_before_its_time(stage: str, school: School, client_for: ClientFor) -> None:
    getattr(school, stage)()
    assert leaks(client_for(school.bilal), school.crawl().calls(), reader="bilal") == []


@pytest.mark.parametrize("stage", ["saved", "submitted"])
@pytest.mark.parametrize("name", ["nobody", "chitra", "parent", "colleague"])
def test_nobody_else_finds_a_canary_at_any_time(
    name: str, stage: str, school: School, client_for: ClientFor, anonymous: APIClient
) -> None:
    getattr(school, stage)()
    client = anonymous if name == "nobody" else client_for(school.people[name])
    assert leaks(client, school.crawl().calls()) == []


@pytest.mark.parametrize("name", ["moderator", "support", "finance"])
def test_staff_of_other_things_find_no_canary(name: str, school: School, client_for: ClientFor) -> None:
    school.submitted()
    assert leaks(client_for(school.people[name]), school.crawl().calls()) == []


@pytest.mark.parametrize("name", ["nobody", "bilal"])
def test_no_address_outside_the_schema_tells_a_canary(
    name: str, school: School, client_for: ClientFor, anonymous: APIClient
) -> None:
    school.saved()
    client = anonymous if name == "nobody" else client_for(school.people[name])
    addresses = plain_addresses()
    assert {"/healthz", "/api/schema/", "/api/docs/", "/media/private/1"} <= set(addresses)
    assert leaks(client, [Call("(address)", "get", address) for address in addresses], reader=name) == []


def everything_told_to(client: APIClient, crawl: Crawl) -> str:
    return "\n".join(text_of(undone(client, call)) for call in crawl.calls() if call.method == "get")


@pytest.mark.parametrize(
    ("name", "stage"),
    [("bilal", "submitted"), ("bilal", "retake"), ("bilal", "expired"), ("asha", "before"), ("admin", "before")],
)
def test_those_who_may_see_the_keys_find_every_canary(
    name: str, stage: str, school: School, client_for: ClientFor
) -> None:
    """The test of the tests: the crawl comes where the keys are, and knows them when it sees them."""
    getattr(school, stage)()
    told = everything_told_to(client_for(school.people[name]), school.crawl())
    assert set(canaries_in(told)) == set(CANARIES)


def test_a_submit_tells_every_canary(school: School, client_for: ClientFor) -> None:
    school.running()
    body = {"answers": right_answers_to(school.quiz)}
    call = Call("submit", "post", f"/api/courses/quiz-attempts/{school.attempts[0]}/submit/", body)
    assert set(canaries_in(text_of(undone(client_for(school.bilal), call)))) == set(CANARIES)


@pytest.mark.parametrize("name", ["nobody", "chitra", "bilal"])
def test_a_search_for_a_key_finds_what_a_search_for_nonsense_finds(
    name: str, school: School, client_for: ClientFor, anonymous: APIClient
) -> None:
    """What is not shown is not to be found out either, by asking for it."""
    client = anonymous if name == "nobody" else client_for(school.people[name])
    school.saved() if name == "bilal" else None
    for word in [*RECIPES["fill_in_blank"].canaries, *RECIPES["numeric"].canaries]:
        nonsense = "q" * len(word)
        for key, noise in zip(searches(school.crawl(word)), searches(school.crawl(nonsense)), strict=True):
            seen, expected = (plain(undone(client, call)) for call in (key, noise))
            assert seen.replace(word, "?") == expected.replace(nonsense, "?"), key


def searches(crawl: Crawl) -> list[Call]:
    return [call for call in crawl.calls() if re.search(r"[?&](q|search)=", call.path)]


# --- options, whose rightness has no words ------------------------------------------------------

#: Moments, and what is drawn by chance: they differ between two calls that differ in nothing.
_VOLATILE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|expires=\d+|signature=[\w%-]+")


def plain(response: Any) -> str:
    return f"{response.status_code} " + _VOLATILE.sub("…", text_of(response).rsplit("\n", len(response.headers))[0])


def seen_by(client: APIClient, crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what each call about courses answers, laid out by the same dice each time."""
    seen = {}
    for place, call in enumerate(crawl.calls()):
        if "/api/courses/" in call.path and call.path != DRAW and not call.path.endswith("/submit/"):
            monkeypatch.setattr(attempts, "_rng", random.Random(7))
            answer = plain(undone(client, call))
            # A row that the call made has the next number of the sequence, which no rollback gives back.
            seen[f"{place} {call}"] = re.sub(r'^201 {"id":\d+', "201", answer)
    return seen


@pytest.mark.parametrize("stage", ["before", "saved"])
def test_another_right_answer_changes_nothing_that_a_learner_sees(
    stage: str, school: School, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    getattr(school, stage)()
    client, crawl = client_for(school.bilal), school.crawl()
    before = seen_by(client, crawl, monkeypatch)
    turn_keys(school.quiz)
    assert seen_by(client, crawl, monkeypatch) == before


def test_another_right_answer_shows_once_it_is_due(school: School, client_for: ClientFor) -> None:
    school.submitted()
    page = Call("closed", "get", f"/api/courses/quiz-attempts/{school.attempts[0]}/")
    before = undone(client_for(school.bilal), page).json()["answers"]
    turn_keys(school.quiz)
    after = undone(client_for(school.bilal), page).json()["answers"]
    unchanged = [one["question_id"] for one, other in zip(before, after, strict=True) if one == other]
    assert unchanged == []


# --- the back office ----------------------------------------------------------------------------


def office_pages() -> list[str]:
    """Every page of the back office: lists, searches, rows, their histories and removals."""
    pages = ["/admin/", "/admin/autocomplete/?app_label=courses&model_name=quizanswer&field_name=question&term=Pick"]
    for model in back_office.site._registry:
        place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        pages += [place, f"{place}?q={BIRD}", f"{place}add/"]
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[: len(RECIPES)]:
            pages += [f"{place}{pk}/{page}/" for page in ("change", "history", "delete")]
    return pages


def found_in_the_office(user: CustomUser, pages: list[str]) -> set[str]:
    office = Client()
    office.force_login(user)
    return {f"{page}: {one}" for page in pages for one in canaries_in(text_of(office.get(page)))}


@pytest.mark.parametrize("name", ["bilal", "chitra", *STAFF])
def test_the_back_office_shows_no_key_to_those_who_do_not_own_it(name: str, school: School) -> None:
    school.submitted()
    assert found_in_the_office(school.people[name], office_pages()) == set()


def test_the_back_office_shows_every_key_to_its_owner(school: School) -> None:
    asha = school.people["asha"]
    CustomUser.objects.filter(pk=asha.pk).update(is_staff=True)
    asha.groups.add(Group.objects.get(name="instructor"))
    pages = [page for page in office_pages() if "/question/" in page]
    assert {found.rsplit(" ", 1)[1] for found in found_in_the_office(asha, pages)} == set(CANARIES)
