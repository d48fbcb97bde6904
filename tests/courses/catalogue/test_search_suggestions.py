"""What people search for, kept: one's own for oneself, and of others only what several ask."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.catalogue.search import remembering
from courses.catalogue.search.remembering import (
    HALF_LIFE,
    forget_old_searches,
    popular_searches,
    recent_searches,
    remember_search,
    trending_searches,
)
from courses.catalogue.tasks import forget_old_searches as forget_task
from courses.models import PopularSearch, RecentSearch
from tests.accounts.at_once import at_once
from tests.factories.catalogue import findable_course
from tests.factories.courses import enroll, make_content

SEARCH = "/api/courses/search/"
SUGGESTIONS = f"{SEARCH}suggestions/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOW_WEIGHT = (NOW - datetime(2026, 1, 1, tzinfo=UTC)) / HALF_LIFE


def ask(user: CustomUser, typed: str, *, at: datetime = NOW, is_public: bool = True) -> None:
    remember_search(user=user, typed=typed, is_public=is_public, at=at)


@pytest.fixture
def people(asha, bilal, chitra, admin):
    return [asha, bilal, chitra, admin]


def test_over_the_api_what_was_found_is_kept_and_nobody_else_sees_it(asha, bilal, chitra, client_for, anonymous):
    findable_course(asha, "Alphabet in Signs")
    client = client_for(bilal)
    for typed in ("Signs", "  ALPHABET  signs!", "nothing like it", "alphabet signs"):
        client.get(SEARCH, {"q": typed})
    anonymous.get(SEARCH, {"q": "alphabet"})
    assert client.get(SUGGESTIONS).json() == {"recent": ["alphabet signs", "Signs"], "popular": [], "trending": []}
    assert client_for(chitra).get(SUGGESTIONS).json() == {"recent": [], "popular": [], "trending": []}
    assert anonymous.get(SUGGESTIONS).status_code == 401


def test_three_people_make_a_question_everybodys(asha, bilal, chitra, admin, client_for):
    findable_course(asha, "Alphabet in Signs")
    for user in (bilal, chitra, bilal, chitra, bilal):
        client_for(user).get(SEARCH, {"q": "alphabet"})
        assert client_for(asha).get(SUGGESTIONS).json()["popular"] == []
    client_for(admin).get(SEARCH, {"q": "Alphabet"})
    body = client_for(asha).get(SUGGESTIONS).json()
    assert (body["popular"], body["trending"], body["recent"]) == (["alphabet"], ["alphabet"], [])


def test_what_only_its_askers_can_see_is_never_everybodys(asha, bilal, chitra, admin, client_for):
    course = findable_course(asha, "Alphabet in Signs")
    make_content(course.modules.get(), text_html="<p>Zarathustra</p>")
    draft = findable_course(asha, "Zeppelins", published=False)
    for user in (bilal, chitra):
        enroll(user, course)
        enroll(user, draft)
    for user in (asha, bilal, chitra, admin):
        for typed in ("zarathustra", "zeppelins", "asha"):
            client_for(user).get(SEARCH, {"q": typed, "type": "contents,courses"})
        client_for(user).get(SEARCH, {"q": "asha", "type": "users"})
    # Her name stands with her public courses, so the courses of that name are no secret; the others are.
    assert list(PopularSearch.objects.values_list("words", flat=True)) == ["asha"]


def test_one_person_many_times_and_two_people_are_nobody(people):
    for _turn in range(5):
        ask(people[0], "my address")
        ask(people[1], "my address")
    assert popular_searches() == []
    assert not PopularSearch.objects.exists()


def test_who_has_asked_much_else_since_is_not_counted_again(people, monkeypatch):
    monkeypatch.setattr(remembering, "KEPT_A_PERSON", 2)
    for number in range(4):
        for typed in ("my address", f"other {number}", f"another {number}"):
            ask(people[0], typed, at=NOW + timedelta(minutes=number))
        forget_old_searches(at=NOW)
    assert not PopularSearch.objects.exists()


def test_the_latest_ten_are_shown_and_each_question_once(bilal):
    for number in range(12):
        ask(bilal, f"Question {number}", at=NOW + timedelta(minutes=number))
    ask(bilal, "question 5!", at=NOW + timedelta(hours=1))
    recent = recent_searches(bilal)
    assert (recent[0], recent[1], len(recent)) == ("question 5!", "Question 11", 10)
    assert recent_searches(bilal, beginning="QUESTION 1") == ["Question 11", "Question 10", "Question 1"]
    assert recent_searches(bilal, beginning="%") == recent
    bilal.delete()
    assert not RecentSearch.objects.exists()


def test_popular_is_by_count_and_trending_by_a_count_that_decays(people):
    for turn in range(10):
        for user in people:
            ask(user, "old favourite", at=NOW + timedelta(minutes=turn))
    for user in people:
        ask(user, "new one", at=NOW + 5 * HALF_LIFE)
    later = NOW + 5 * HALF_LIFE
    assert popular_searches() == ["old favourite", "new one"]
    assert trending_searches(at=later) == ["new one", "old favourite"]
    assert trending_searches(at=later, beginning="old") == popular_searches(beginning="OLD fav") == ["old favourite"]
    assert trending_searches(at=later + 30 * HALF_LIFE) == []
    assert popular_searches(beginning="none") == []


def test_the_score_is_the_logarithm_of_a_sum_that_halves(people):
    for user in people:
        ask(user, "signs")  # counted from the third on
    first = PopularSearch.objects.get()
    assert (first.times, round(first.score - NOW_WEIGHT, 6)) == (2, 1.0)
    ask(people[0], "signs", at=NOW + HALF_LIFE)  # two have become one, and one more
    second = PopularSearch.objects.get()
    assert (second.times, round(second.score - NOW_WEIGHT, 6)) == (3, 2.0)
    ask(people[0], "signs", at=NOW - 1000 * HALF_LIFE)
    ask(people[0], "signs", at=NOW + 5000 * HALF_LIFE)
    assert round(PopularSearch.objects.get().score - NOW_WEIGHT, 6) == 5000.0


@pytest.mark.parametrize("typed", ["", "!?", "x" * 101, "word " * 30])
def test_what_is_no_question_or_too_long_is_not_kept(bilal, typed):
    ask(bilal, typed)
    assert not RecentSearch.objects.exists()


def test_twenty_a_person_and_half_a_year_are_kept(people):
    for number in range(25):
        ask(people[0], f"question {number}", at=NOW + timedelta(minutes=number))
    for user in people[1:]:
        ask(user, "signs")
    assert forget_old_searches(at=NOW + timedelta(days=1)) == 5
    assert not RecentSearch.objects.filter(words="question 4").exists()
    assert RecentSearch.objects.filter(words="question 5").exists()
    assert forget_old_searches(at=NOW + timedelta(days=200)) == 20 + 3 + 1
    assert not PopularSearch.objects.exists()
    ask(people[0], "signs", at=timezone.now())
    assert forget_task() == 0


def test_suggestions_take_four_statements(bilal, client_for, django_assert_num_queries):
    client = client_for(bilal)
    with django_assert_num_queries(4):
        client.get(SUGGESTIONS)
    for number in range(3):
        ask(bilal, f"question {number}")
    with django_assert_num_queries(4):
        assert len(client.get(SUGGESTIONS, {"q": "quest"}).json()["recent"]) == 3


@pytest.mark.parametrize("query", [{"q": "x" * 401}, {"q": "a\0"}])
def test_what_cannot_be_a_beginning_is_400(bilal, client_for, query):
    assert client_for(bilal).get(SUGGESTIONS, query).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_who_ask_at_once_are_both_counted(guarded, asha, bilal, chitra):
    for user in (asha, bilal, chitra):
        ask(user, "signs")
    both_have_read = threading.Barrier(2)

    def count_unguarded() -> None:
        """Read, then write what was read and one more: what the upsert is there to prevent."""
        row = PopularSearch.objects.get(words="signs")
        both_have_read.wait(timeout=30)
        PopularSearch.objects.filter(words="signs").update(times=row.times + 1)

    at_once(2, (lambda: ask(asha, "signs")) if guarded else count_unguarded)
    assert PopularSearch.objects.get().times == (3 if guarded else 2)
