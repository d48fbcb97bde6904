"""Finding courses by what people type."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from courses.catalogue.listing import CourseQuery, courses_asked_for
from courses.catalogue.search import Question, excerpt, index_course
from courses.catalogue.search.asking import AskedWord
from courses.models import Course, Module, SearchDocument, SearchTerm
from e_learning.core.words import words_of
from tests.factories.catalogue import findable_course
from tests.factories.courses import make_content

SCHOOL: list[dict[str, Any]] = [
    {"title": "Alphabet in Signs", "summary": "A letter a lesson", "subject": "sign language"},
    {"title": "Spoken English", "summary": "Talk with anybody, from the first greeting on", "subject": "english"},
    {"title": "Open edX Demo Course", "summary": "Learn how a course is made", "subject": "platforms"},
    {"title": "हिन्दी वर्णमाला", "summary": "अक्षर और मात्राएँ सीखें", "language": "hi", "subject": "हिन्दी"},
    {"title": "Physics for the curious", "summary": "Motion, heat and light", "description": "Energy is kept."},
    {"title": "Music: singing and rhythm", "summary": "Things that sing", "subject": "music"},
]


@pytest.fixture
def school(asha: CustomUser) -> dict[str, Course]:
    return {fields["title"]: findable_course(asha, **fields) for fields in SCHOOL}


def found(typed: str, user: CustomUser | None = None) -> list[str]:
    courses = courses_asked_for(user or AnonymousUser(), CourseQuery(search=typed))
    return [course.title for course in courses]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("alphabet", "Alphabet in Signs"),
        ("ALPHABET  in-signs!", "Alphabet in Signs"),
        ("Aplhabet in Sings", "Alphabet in Signs"),
        ("alfabet sighns", "Alphabet in Signs"),
        ("alphabe", "Alphabet in Signs"),
        ("letters", "Alphabet in Signs"),
        ("Spokn Englsh", "Spoken English"),
        ("enlgihs", "Spoken English"),
        ("talking", "Spoken English"),
        ("greetings", "Spoken English"),
        ("opne edx demo corse", "Open edX Demo Course"),
        ("हिन्दी वर्णमाला", "हिन्दी वर्णमाला"),
        ("वर्णमला", "हिन्दी वर्णमाला"),
        ("हिंन्दी वणमाला", "हिन्दी वर्णमाला"),
        ("hindi", "हिन्दी वर्णमाला"),
        ("phisycs", "Physics for the curious"),
        ("enrgy", "Physics for the curious"),
        ("asha", "Alphabet in Signs"),
        ("musci", "Music: singing and rhythm"),
    ],
)
def test_a_course_is_found_in_the_first_three_though_misspelt(school, typed, title):
    if typed == "asha":  # teaches all of them
        assert len(found(typed)) == len(SCHOOL)
    else:
        assert title in found(typed)[:3]


def test_a_title_comes_before_a_description(asha):
    findable_course(asha, "Cooking", description="With a little history of spices")
    findable_course(asha, "History")
    findable_course(asha, "Walking", description="History on foot, history by bus")
    assert found("history")[0] == "History"


def test_all_words_are_wanted_and_some_are_better_than_none(school):
    assert found("spoken english") == ["Spoken English"]
    assert set(found("spoken alphabet")) == {"Spoken English", "Alphabet in Signs"}
    assert found("alphabet qqqqqqqq") == ["Alphabet in Signs"]


def test_a_language_nobody_has_a_name_for_is_known_by_its_code(asha, anonymous):
    findable_course(asha, "Stories", language="gondi")
    body = anonymous.get("/api/courses/courses/", {"search": "gondi"}).json()
    assert (body["count"], body["filters"]["language"][0]["label"]) == (1, "gondi")


def test_accents_and_compatibility_forms_make_no_difference(asha):
    findable_course(asha, "Café Français")
    assert found("cafe francais") == ["Café Français"]
    assert found("ＣＡＦÉ") == ["Café Français"]


def test_titles_of_modules_and_contents_are_searched(asha):
    course = findable_course(asha, "Everything")
    module = Module.objects.create(course=course, title="Trigonometry")
    make_content(module, title="The cosine rule", section="Triangles")
    index_course(course.pk)
    assert found("trigonmetry") == found("cosine") == found("triangles") == ["Everything"]


def test_what_no_longer_stands_in_a_course_no_longer_finds_it(asha):
    course = findable_course(asha, "Botany")
    Course.objects.filter(pk=course.pk).update(title="Zoology")
    index_course(course.pk)
    assert found("zoology") == ["Zoology"]
    assert found("botany") == []
    course.delete()
    assert found("zoology") == []
    assert not SearchDocument.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        "\0",
        "a\0b",
        "'",
        '"',
        "''\"\"",
        "alphabet'",
        '"alphabet',
        "AND",
        "OR NOT",
        "NEAR(a b)",
        "title:alphabet",
        "alphabet*",
        "^alphabet",
        "a & | ! <-> b",
        "(((",
        ":*",
        "\\",
        "%s %(x)s %",
        "😀",
        "👩‍👩‍👧",
        "-1",
        "1e5 0x10 1.5 -2",
        "http://example.com/a?b=c&d",
        "x" * 10_000,
        "word " * 2_000,
        "अ" * 10_000,
        "\u200d\u200c\u00ad",
        "\ufffd\uffff",
        "\U0010ffff",
        "ª ß ǆ ﷺ",
        "_ __ _a_",
        "日本",
        "\u0903\u0903\u0903",
    ],
)
def test_whatever_is_typed_is_a_question_and_no_error(school, typed):
    list(courses_asked_for(AnonymousUser(), CourseQuery(search=typed)))


def test_a_question_without_a_word_finds_nothing(school):
    assert found("!?") == []
    assert len(found("  ")) == len(SCHOOL)  # not a question at all


def test_a_draft_is_found_by_its_owner_and_admins_only(asha, bilal, chitra, admin):
    findable_course(asha, "Secret zeppelins", published=False)
    findable_course(asha, "Balloons")
    assert found("zeppelins", asha) == found("zeppelins", admin) == ["Secret zeppelins"]
    assert found("zeppelins") == found("zeppelins", chitra) == found("zeppelins", bilal) == []


def test_a_draft_changes_no_answer_a_stranger_gets(asha, chitra):
    findable_course(asha, "Balloons and kites")
    questions = [
        "zeppelins",
        "zeppelns",
        "ballons",
        "baloons kites",
        "balloons zeppelins",
        "balloonz",
        "kites balloonz",
    ]
    before = [found(question, chitra) for question in questions]
    findable_course(asha, "Balloonz with zeppelins", published=False)
    assert [found(question, chitra) for question in questions] == before
    assert not SearchTerm.objects.filter(term__in=["zeppelins", "balloonz"]).exists()


def test_eight_misspelt_words_are_looked_up_in_one_statement(school):
    with CaptureQueriesContext(
        connection,
    ) as statements:
        courses = courses_asked_for(
            AnonymousUser(), CourseQuery(search="aplhabet in sings opne edx demo corse spokn englsh")
        )
    assert len(statements) == 1
    assert len(list(courses)) >= 3


def test_words_are_cut_alike_whatever_surrounds_them():
    assert words_of("E-mail, node.js & C++: “Grüße”!") == ["e", "mail", "node", "js", "c", "grusse"]
    assert words_of("हिन्दी\u200d क्षेत्र") == ["हिन्दी", "क्षेत्र"]
    assert words_of("अंग्रेज़ी उँगलियाँ पढ़ना") == words_of("अंग्रेजी उंगलियां पढना") == ["अंग्रेजी", "उंगलियां", "पढना"]


def test_the_index_of_a_very_long_course_is_bounded(asha):
    course = findable_course(asha, "Long", description=" ".join(f"word{number}" for number in range(2_000)))
    module = Module.objects.create(course=course, title="All")
    for number in range(300):
        make_content(module, title=f"{number} " + "ü" * 190)
    index_course(course.pk)
    document = SearchDocument.objects.get(course=course)
    assert len(document.keywords) <= 60_000
    assert found("word1999") == ["Long"]


def test_an_excerpt_is_around_the_word_however_its_writer_spelt_it():
    question = Question((AskedWord("अंग्रेजी", ("अंग्रेजी",)),))
    text = "पहले कुछ और बातें, जो यहाँ किसी ने नहीं पूछीं, और जो काफ़ी लंबी हैं। " * 3 + "फिर रोज़ की अँग्रेज़ी।"
    assert "अँग्रेज़ी" in excerpt(question, text)
