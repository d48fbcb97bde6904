"""What is recommended, to whom, why and in which order; and what never is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from chatbot.recommendations.services import learn_neighbours
from courses.assessment.selectors import Wanted
from courses.assessment.services import draw_assessment, start_attempt, submit_attempt
from courses.models import Bookmark, Content, Course, Module
from tests.chatbot.recommendations.learners import RECOMMEND, answer, complete, found, recommended, taken_together
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.quizzes import make_quiz, questions_of, true_false, wrong_answer

pytestmark = pytest.mark.django_db
TAKEN_BACK: list[dict[str, Any]] = [{"is_published": False}, {"archived_at": timezone.now()}]


def test_a_newcomer_gets_what_is_popular(asha: CustomUser, bilal: CustomUser, chitras: APIClient) -> None:
    make_course(asha, title="Nobody's yet")
    enroll(bilal, make_course(asha, title="Somebody's"))

    assert recommended(chitras) == [("Somebody's", "popular"), ("Nobody's yet", "new")]


def test_each_says_what_it_is_and_why(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, title="Numbers")
    other = make_course(asha, title="Colours")
    enroll(bilal, course)
    first, second, _third = contents_of(course)
    complete(bilal, first)

    assert found(bilals, RECOMMEND)["results"] == [
        {
            "kind": "content",
            "course_id": course.pk,
            "course_title": "Numbers",
            "content_id": second.pk,
            "title": "Lesson 2",
            "reason": "You are in the middle of “Numbers”: this comes next.",
            "reason_code": "go_on",
        },
        {
            "kind": "course",
            "course_id": other.pk,
            "course_title": "Colours",
            "content_id": None,
            "title": "Colours",
            "reason": "New, and open to you.",
            "reason_code": "new",
        },
    ]


def test_the_course_last_worked_in_comes_first_and_one_not_begun_after_it(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    for title, minutes_ago in (("Old", 90), ("Fresh", 5), ("Unopened", None)):
        course = make_course(asha, title=title)
        enroll(bilal, course)
        Content.objects.filter(pk=contents_of(course)[1].pk).update(title=f"{title} 2")
        Content.objects.filter(pk=contents_of(course)[0].pk).update(title=f"{title} 1")
        if minutes_ago is not None:
            complete(bilal, contents_of(course)[0], minutes_ago=minutes_ago)

    assert recommended(bilals) == [("Fresh 2", "go_on"), ("Old 2", "go_on"), ("Unopened 1", "begin")]


def test_what_is_next_follows_modules_and_their_order(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, contents=0)
    before = Module.objects.create(course=course, title="Before all", order=0)
    make_content(Module.objects.get(course=course, title="First steps"), title="Second", order=1)
    make_content(before, title="First", order=9)
    enroll(bilal, course)

    assert recommended(bilals) == [("First", "begin")]


def test_a_topic_answered_wrongly_is_repeated(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, contents=2)
    lesson = contents_of(course)[1]
    Content.objects.filter(pk=lesson.pk).update(title="About vowels", topic="Vowels")
    quiz = make_quiz(course, [true_false("One?", topic="Vowels"), true_false("Two?", topic="Rivers")])
    enroll(bilal, course)
    complete(bilal, *contents_of(course))
    answer(bilal, quiz, False, True)

    [one] = found(bilals, RECOMMEND)["results"]
    assert (one["title"], one["reason_code"]) == ("About vowels", "repeat")
    assert one["reason"] == "Worth repeating: you answered a question on “Vowels” wrongly."

    answer(bilal, quiz, True, True)
    assert recommended(bilals) == []


def test_where_no_lesson_has_the_topic_the_module_is_repeated(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    course = make_course(asha, contents=1)
    quiz = make_quiz(course)
    enroll(bilal, course)
    complete(bilal, *contents_of(course))
    answer(bilal, quiz, False)

    [one] = found(bilals, RECOMMEND)["results"]
    assert (one["title"], "First steps" in one["reason"]) == ("Lesson 1", True)


def test_what_is_not_told_yet_is_not_given_away(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, contents=1, subject="Signs")
    quiz = make_quiz(course)
    enroll(bilal, course)
    complete(bilal, contents_of(course)[0])
    practice = draw_assessment(learner=bilal, wanted=Wanted("Signs"), count=1)
    [question] = questions_of(quiz)
    submit_attempt(learner=bilal, attempt_id=practice.attempt.pk, answers=[wrong_answer(question)])
    assert ("Lesson 1", "repeat") in recommended(bilals)

    start_attempt(learner=bilal, quiz_id=quiz.pk)
    assert ("Lesson 1", "repeat") not in recommended(bilals)


def test_somebody_elses_wrong_answers_are_nobodys_matter(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, chitras: APIClient
) -> None:
    course = make_course(asha, contents=1)
    quiz = make_quiz(course)
    for learner in (bilal, chitra):
        enroll(learner, course)
        complete(learner, *contents_of(course))
    answer(bilal, quiz, False)

    assert recommended(chitras) == []


def test_before_what_is_bookmarked_comes_what_it_needs(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    wanted, needed, first = (make_course(asha, title=title) for title in ("Wanted", "Needed", "First of all"))
    wanted.prerequisites.add(needed)
    needed.prerequisites.add(first)
    first.prerequisites.add(wanted)  # a ring that nobody can enter
    Bookmark.objects.create(user=bilal, course=wanted)
    assert recommended(bilals) == []

    first.prerequisites.clear()
    [one] = found(bilals, RECOMMEND)["results"]
    assert (one["title"], one["reason_code"]) == ("First of all", "prerequisite")
    assert one["reason"] == "To be completed before “Wanted”, which you bookmarked."

    enroll(bilal, first, completed_at=timezone.now())
    assert recommended(bilals) == [("Needed", "prerequisite")]


@pytest.mark.parametrize("state", TAKEN_BACK)
def test_a_bookmark_of_a_course_taken_back_wants_nothing(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient, state: dict[str, Any]
) -> None:
    wanted, needed = make_course(asha, title="Secret plan"), make_course(asha, title="Needed")
    wanted.prerequisites.add(needed)
    Bookmark.objects.create(user=bilal, course=wanted)
    Course.objects.filter(pk=wanted.pk).update(**state)

    assert "Secret plan" not in bilals.get(RECOMMEND).content.decode()
    assert recommended(bilals) == [("Needed", "new")]


def test_what_similar_learners_took_comes_before_what_is_popular(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    mine, alike, popular = (make_course(asha, contents=0, title=title) for title in ("Mine", "Alike", "Popular"))
    taken_together(mine, alike)
    taken_together(popular, by=9)
    enroll(bilal, mine)
    learn_neighbours()

    assert recommended(bilals) == [("Alike", "similar_learners"), ("Popular", "popular")]
    assert found(bilals, RECOMMEND)["results"][0]["reason"] == "Learners who took “Mine” also took this course."


@pytest.mark.parametrize("state", TAKEN_BACK)
def test_nothing_taken_back_is_recommended_also_before_it_is_learnt_anew(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient, state: dict[str, Any]
) -> None:
    mine, alike, unlike = (make_course(asha, title=title) for title in ("Mine", "Alike", "Unlike"))
    taken_together(mine, alike)
    enroll(bilal, mine)
    learn_neighbours()
    Course.objects.filter(pk__in=[mine.pk, alike.pk, unlike.pk]).update(**state)

    assert recommended(bilals) == []


def test_nothing_that_is_taken_or_completed_and_again_what_ended(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    past = timezone.now() - timedelta(days=1)
    for title, fields in (
        ("Taken", {}),
        ("Completed", {"completed_at": past}),
        ("Completed and ended", {"completed_at": past, "is_active": False}),
        ("Ended", {"is_active": False}),
        ("Expired", {"expiry_date": past}),
    ):
        enroll(bilal, make_course(asha, contents=0, title=title), **fields)

    assert {title for title, _code in recommended(bilals)} == {"Ended", "Expired"}


def test_no_content_of_an_enrolment_that_ended(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, contents=2)
    quiz = make_quiz(course)
    enroll(bilal, course)
    answer(bilal, quiz, False)
    bilal.enrollments.update(is_active=False)

    assert [one["kind"] for one in found(bilals, RECOMMEND)["results"]] == ["course"]


def test_a_teacher_gets_others_courses_only(
    asha: CustomUser, admin: CustomUser, ashas: APIClient, admins: APIClient
) -> None:
    enroll(asha, make_course(asha, title="Asha's own"))
    make_course(asha, published=False, title="Asha's draft")
    make_course(admin, title="The admin's")

    assert recommended(ashas) == [("The admin's", "new")]
    assert recommended(admins) == [("Asha's own", "popular")]


def test_a_limit_cuts_the_list_and_what_is_no_limit_is_refused(asha: CustomUser, bilals: APIClient) -> None:
    for number in range(12):
        make_course(asha, contents=0, title=f"Course {number}")

    assert len(recommended(bilals)) == 10
    assert len(recommended(bilals, limit=1)) == 1
    assert len(recommended(bilals, limit=50)) == 12
    for limit in ("0", "51", "-1", "many", "1.5", "9" * 400):
        assert bilals.get(RECOMMEND, {"limit": limit}).status_code == 400


def test_reasons_are_in_the_callers_language(asha: CustomUser, bilals: APIClient) -> None:
    make_course(asha, contents=0)

    [english] = found(bilals, RECOMMEND)["results"]
    answered = bilals.get(RECOMMEND, headers={"Accept-Language": "hi"})

    assert answered["Content-Language"] == "hi"
    assert english["reason"] == "New, and open to you."


def test_for_who_is_signed_in(anonymous: APIClient) -> None:
    assert anonymous.get(RECOMMEND).status_code == 401


@pytest.mark.parametrize("courses", [1, 6])
def test_a_few_statements_however_much_is_taken(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient, courses: int
) -> None:
    alike = make_course(asha, title="Alike")
    wanted = make_course(asha, title="Wanted")
    wanted.prerequisites.add(make_course(asha, title="Needed"))
    Bookmark.objects.create(user=bilal, course=wanted)
    for number in range(courses):
        course = make_course(asha, title=f"Course {number}")
        Content.objects.filter(pk=contents_of(course)[2].pk).update(topic=f"Topic {number}")
        quiz = make_quiz(course, [true_false(topic=f"Topic {number}")])
        taken_together(course, alike)
        enroll(bilal, course)
        answer(bilal, quiz, False)
    learn_neighbours()

    popular = make_course(asha, title="Popular")
    taken_together(popular, by=1)

    with CaptureQueriesContext(connection) as asked:
        codes = {code for _title, code in recommended(bilals, limit=50)}
    assert codes == {"begin", "repeat", "prerequisite", "similar_learners", "popular"}
    assert len(asked) == 8  # of which one asks who is signed in
