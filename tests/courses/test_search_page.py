"""Search over everything, over the API."""

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.utils import timezone

from courses.catalogue.search import index_course
from courses.catalogue.serializers import course_summary
from courses.models import Content, Course, Module, Question, Quiz, RecentSearch
from courses.search_page import people_findable_by
from courses.search_serializers import (
    FoundContentSerializer,
    FoundCourseSerializer,
    FoundPersonSerializer,
    SearchSerializer,
)
from tests.factories.catalogue import findable_course
from tests.factories.courses import enroll, make_content
from tests.factories.people import person

SEARCH = "/api/courses/search/"
EMPTY: dict[str, list[Any]] = {"courses": [], "contents": [], "vocabulary": [], "users": [], "suggestions": []}


def search(client: Any, q: str, **query: Any) -> dict[str, list[Any]]:
    answer = client.get(SEARCH, {"q": q, **query})
    assert answer.status_code == 200, answer.content
    body: dict[str, list[Any]] = answer.json()
    return body


def titles(rows: list[dict[str, Any]]) -> list[str]:
    return [row["title"] for row in rows]


def content_of(course: Course, title: str, text: str = "", **fields: Any) -> Content:
    module = course.modules.get()
    content = make_content(module, title=title, text_content=text, text_html=f"<p>{text}</p>", **fields)
    index_course(course.pk)
    return content


@pytest.fixture
def signs(asha):
    """A course with a locked lesson about thumbs and a free one about wrists."""
    course = findable_course(asha, "Alphabet in Signs", summary="A letter a lesson, for everybody.")
    content_of(course, "Letter A", "Make a fist and <b>rest</b> the thumb at its side.", section="Vowels")
    content_of(course, "A first taste", "Loosen your wrist before you begin.", is_preview=True)
    return course


def test_the_answer_has_exactly_the_contracts_fields(signs, asha, bilal, client_for):
    body = search(client_for(bilal), "alphabt asha letter wrist")
    assert (
        list(body) == ["courses", "contents", "vocabulary", "users", "suggestions"] == list(SearchSerializer().fields)
    )
    course, content = body["courses"][0], body["contents"][0]
    signs.refresh_from_db()
    assert {name: value for name, value in course.items() if name != "snippet"} == course_summary(signs)
    assert set(course) == set(FoundCourseSerializer().fields)
    assert set(content) == set(FoundContentSerializer().fields)
    [found] = search(client_for(bilal), "ahsa")["users"]
    assert set(found) == set(FoundPersonSerializer().fields)
    assert (found["id"], found["username"], found["role"]) == (asha.pk, "asha", "instructor")


def test_a_typing_error_still_finds_and_is_put_right(signs, anonymous):
    body = search(anonymous, "Aplhabet")
    assert titles(body["courses"]) == ["Alphabet in Signs"]
    assert body["suggestions"] == ["alphabet"]
    assert search(anonymous, "alphabet")["suggestions"] == []
    assert titles(search(anonymous, "wirst")["contents"]) == ["A first taste"]


def test_two_wrong_letters_of_six_or_two_that_changed_places_still_find(asha, anonymous):
    findable_course(asha, "Spoken")
    for first in "abcdefghij":
        findable_course(asha, " ".join(f"{first}poke{number:02d}" for number in range(20)))
    wrong = {"".join("x" if place in pair else letter for place, letter in enumerate("spoken"))
             for pair in combinations(range(6), 2)}  # fmt: skip
    swapped = {"spoken"[:place] + "spoken"[place + 1] + "spoken"[place] + "spoken"[place + 2 :] for place in range(5)}
    for typed in sorted(wrong | swapped | {"spken", "spokeen"}):
        assert "Spoken" in titles(search(anonymous, typed, type="courses", limit=50)["courses"]), typed


def test_what_is_locked_is_found_by_its_title_only_and_shows_nothing_of_its_text(
    signs, asha, bilal, chitra, admin, client_for, anonymous
):
    enroll(bilal, signs)
    for client in (anonymous, client_for(chitra)):
        assert search(client, "thumb") == EMPTY
        [letter] = search(client, "vowels")["contents"]
        assert (letter["title"], letter["is_locked"], letter["snippet"]) == ("Letter A", True, "Vowels")
        assert "fist" not in str(search(client, "letter thumb"))
    for client in (client_for(bilal), client_for(asha), client_for(admin)):
        [letter] = search(client, "thumb")["contents"]
        assert (letter["is_locked"], letter["snippet"]) == (False, "Make a fist and rest the thumb at its side.")


def test_a_course_is_found_by_a_text_of_it_that_the_caller_may_read(signs, asha, bilal, chitra, client_for, anonymous):
    findable_course(asha, "Thumbs up")
    enroll(bilal, signs)
    assert titles(search(client_for(bilal), "rest")["courses"]) == ["Alphabet in Signs"]
    assert titles(search(client_for(bilal), "thumb")["courses"]) == ["Thumbs up", "Alphabet in Signs"]
    assert titles(search(anonymous, "loosen")["courses"]) == ["Alphabet in Signs"]
    for client in (anonymous, client_for(chitra)):
        assert titles(search(client, "thumb")["courses"]) == ["Thumbs up"]


def test_a_text_nobody_else_may_read_changes_no_answer_a_stranger_gets(signs, asha, chitra, client_for):
    blank = content_of(signs, "Letter B")
    questions = ["alphabet thumb", "thumb", "thmub", "letter fist", "wrist", "zeppelin", "zepelin"]
    before = [search(client_for(chitra), question) for question in questions]
    text = {"text_content": "Zeppelins, thumbs and alphabets, wrists and fists."}
    assert client_for(asha).patch(f"/api/courses/contents/{blank.pk}/", text).status_code == 200
    assert [search(client_for(chitra), question) for question in questions] == before
    assert titles(search(client_for(asha), "zeppelins")["contents"]) == ["Letter B"]


def test_an_enrolment_that_has_ended_opens_nothing(signs, bilal, client_for):
    enroll(bilal, signs, expiry_date=timezone.now() - timedelta(minutes=1))
    assert search(client_for(bilal), "thumb") == EMPTY


def test_a_draft_is_found_by_those_who_may_know_of_it(asha, bilal, chitra, admin, client_for, anonymous):
    draft = findable_course(asha, "Zeppelins", published=False)
    content_of(draft, "A hangar", "Canvas", is_preview=True)
    enroll(bilal, draft)
    for client in (client_for(asha), client_for(bilal), client_for(admin)):
        assert titles(search(client, "zeppelins")["courses"]) == ["Zeppelins"]
        assert (
            titles(search(client, "hangar")["contents"]) == titles(search(client, "canvas")["contents"]) == ["A hangar"]
        )
    for client in (anonymous, client_for(chitra)):
        for question in ("zeppelins", "hangar", "canvas", "zepelins"):
            assert search(client, question) == EMPTY


def test_quizzes_are_found_by_their_title_and_never_by_their_questions(signs, asha, client_for):
    quiz = content_of(signs, "Check yourself", content_type="quiz")
    row = Quiz.objects.create(content=quiz, title="Check")
    Question.objects.create(quiz=row, question_text="Who was Zarathustra?", question_type="essay")
    index_course(signs.pk)
    assert titles(search(client_for(asha), "check")["contents"]) == ["Check yourself"]
    assert search(client_for(asha), "zarathustra") == EMPTY


def test_the_title_comes_before_the_section_before_the_text_and_what_was_typed_before_what_is_like_it(asha, anonymous):
    course = findable_course(asha, "Everything")
    content_of(course, "Walking", "History on foot.", is_preview=True)
    content_of(course, "Running", "Quickly.", section="History")
    content_of(course, "Historic places", "Castles.")
    content_of(course, "History", "Once upon a time.")
    assert titles(search(anonymous, "history")["contents"])[:1] == ["History"]
    assert titles(search(anonymous, "history")["contents"])[-1] == "Walking"


def test_hindi_is_found_in_its_own_script(asha, anonymous):
    course = findable_course(asha, "हिन्दी वर्णमाला", summary="अक्षर और मात्राएँ सीखें", language="hi")
    content_of(course, "पहला पाठ", "स्वर अ आ इ ई, फिर व्यंजन।", is_preview=True)
    assert titles(search(anonymous, "वर्णमला")["courses"]) == ["हिन्दी वर्णमाला"]
    [lesson] = search(anonymous, "व्यजन")["contents"]
    assert (lesson["title"], lesson["snippet"]) == ("पहला पाठ", "स्वर अ आ इ ई, फिर व्यंजन।")
    assert search(anonymous, "मात्राएं")["courses"][0]["snippet"] == "अक्षर और मात्राएँ सीखें"


def test_a_long_text_is_cut_around_what_was_found(asha, anonymous):
    course = findable_course(asha, "Long")
    content_of(course, "A walk", "word " * 500 + "needle &lt;b&gt; " + "word " * 500, is_preview=True)
    [walk] = search(anonymous, "needel")["contents"]
    assert walk["snippet"].startswith("…word word")
    assert walk["snippet"].endswith("word…")
    assert "needle <b> word" in walk["snippet"]
    assert len(walk["snippet"]) < 200


def test_sections_language_and_limit_narrow(asha, anonymous):
    for number in range(3):
        content_of(findable_course(asha, f"Balloons {number}", language="hi"), f"Balloons over {number}")
    findable_course(asha, "Balloons", language="en")
    assert len(search(anonymous, "balloons")["courses"]) == 4
    only = search(anonymous, "balloons", type="contents", limit=2)
    assert (len(only["contents"]), only["courses"]) == (2, [])
    assert len(search(anonymous, "balloons", type="courses,contents", language="hi")["courses"]) == 3
    assert search(anonymous, "balloons", type="vocabulary,users") == EMPTY
    assert len(search(anonymous, "balloons", type="all")["contents"]) == 3


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "  "}, {"q": "!?"}, {"q": "qqqqqqqq"}, {"type": "all"}])
def test_no_words_find_nothing(signs, chitra, client_for, query):
    assert client_for(chitra).get(SEARCH, query).json() == EMPTY
    assert not RecentSearch.objects.exists()


@pytest.mark.parametrize(
    "query",
    [{"type": "questions"}, {"type": "all,answers"}, {"type": ","}, {"limit": "0"}, {"limit": "51"}, {"limit": "x"},
     {"limit": "9" * 400}, {"q": "x" * 401}, {"q": "a\0b"}, {"language": "x" * 21}, {"type": "x" * 101}],
)  # fmt: skip
def test_what_cannot_be_asked_is_400(signs, anonymous, query):
    answer = anonymous.get(SEARCH, {"q": "alphabet"} | query)
    assert answer.status_code == 400, answer.content
    assert answer.json()["type"] == "validation_error"


@pytest.mark.parametrize(
    "typed",
    ["'", '"', "AND OR NOT NEAR(a b)", "title:alphabet", "{title}: a", "^alphabet*", "a & | ! <-> b", ":*", "\\",
     "%s %(x)s %%", "😀", "अ" * 400, "word " * 80, "\u200d\ufffd\U0010ffff", "ª ß ǆ ﷺ", "\u0903\u0903\u0903", "_%_",
     "x" * 400],
)  # fmt: skip
def test_whatever_is_typed_is_a_question_and_no_error(signs, bilal, client_for, typed):
    enroll(bilal, signs)
    search(client_for(bilal), typed)
    assert client_for(bilal).get(f"{SEARCH}suggestions/", {"q": typed}).status_code == 200


class TestPeople:
    """Who finds whom by name: children's names are not for everybody."""

    @pytest.fixture
    def names(self, client_for):
        def find(viewer: Any, typed: str) -> list[str]:
            return [row["username"] for row in search(client_for(viewer), typed, type="users")["users"]]

        return find

    def test_whoever_teaches_is_found_by_anybody_signed_in_misspelt_too(self, asha, bilal, chitra, names, anonymous):
        assert names(bilal, "asha") == names(chitra, "ahsa") == names(chitra, "Ash") == ["asha"]
        assert search(anonymous, "asha") == EMPTY

    def test_a_learner_is_found_by_their_teacher_and_admins_alone(self, signs, bilal, asha, chitra, admin, names):
        assert names(asha, "bilal") == []
        enroll(bilal, signs)
        enroll(chitra, signs)
        assert names(asha, "bilall") == names(admin, "biall") == ["bilal"]
        assert names(chitra, "bilal") == []

    def test_who_is_deactivated_is_not_found(self, asha, bilal, names):
        type(asha).objects.filter(pk=asha.pk).update(is_active=False)
        assert names(bilal, "asha") == []

    def test_every_word_must_be_of_the_name(self, bilal, names):
        person("asha.r", full_name="Asha Rao", role="instructor")
        assert names(bilal, "asha rao") == names(bilal, "roa asha") == ["asha.r"]
        assert names(bilal, "asha signs") == []

    def test_a_teacher_of_others_is_no_teacher_of_theirs(self, signs, bilal, names):
        enroll(bilal, signs)
        other = person("admin-of-none", role="instructor")
        assert bilal not in people_findable_by(other)
        assert names(other, "bilal") == []


@pytest.mark.parametrize("who", ["bilal", "asha", "admin"])
def test_a_search_takes_four_statements_however_much_is_found(
    who, request, signs, bilal, asha, admin, client_for, anonymous, django_assert_num_queries, on_postgresql
):
    enroll(bilal, signs)
    client = client_for({"bilal": bilal, "asha": asha, "admin": admin}[who])
    for _turn in range(2):
        with django_assert_num_queries(4 if on_postgresql else 5):
            found = search(client, "alphabt letter")
        with django_assert_num_queries(2):
            search(anonymous, "alphabt letter")
        for number in range(3):
            content_of(findable_course(asha, f"Alphabet {number}"), f"Letter {number}")
    assert len(found["courses"]) == 4
    assert len(found["contents"]) >= 4


def test_one_changed_content_is_all_that_is_written_anew(asha, client_for, django_assert_max_num_queries):
    course = findable_course(asha, "Long", contents=60)
    first = Content.objects.filter(module__course=course).earliest("pk")
    written = dict(Content.objects.filter(module__course=course).values_list("pk", "search_document__written_from"))
    answer = client_for(asha).patch(f"/api/courses/contents/{first.pk}/", {"title": "Dirigibles"})
    assert answer.status_code == 200
    after = dict(Content.objects.filter(module__course=course).values_list("pk", "search_document__written_from"))
    assert [pk for pk in written if written[pk] != after[pk]] == [first.pk]
    assert titles(search(client_for(asha), "dirigibels")["contents"]) == ["Dirigibles"]


def test_a_preview_that_is_locked_again_is_found_by_its_text_no_more(signs, asha, anonymous, client_for):
    taste = Content.objects.get(title="A first taste")
    assert titles(search(anonymous, "loosen")["contents"]) == ["A first taste"]
    client_for(asha).patch(f"/api/courses/contents/{taste.pk}/", {"is_preview": False})
    assert search(anonymous, "loosen") == EMPTY
    client_for(asha).delete(f"/api/courses/contents/{taste.pk}/")
    assert search(client_for(asha), "loosen")["contents"] == []


def test_a_word_of_a_draft_is_put_right_once_it_is_published(asha, anonymous, client_for):
    draft = findable_course(asha, "Airships", published=False)
    content_of(draft, "A hangar", "Canvas", is_preview=True)
    assert search(anonymous, "canvsa") == EMPTY
    client_for(asha).patch(f"/api/courses/courses/{draft.pk}/", {"is_published": True})
    assert titles(search(anonymous, "canvsa")["contents"]) == ["A hangar"]


def test_modules_are_found_with_their_course(asha, anonymous):
    course = findable_course(asha, "Everything")
    Module.objects.create(course=course, title="Trigonometry")
    index_course(course.pk)
    assert titles(search(anonymous, "trigonometri")["courses"]) == ["Everything"]
