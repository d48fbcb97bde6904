"""What is found, and for whom."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CustomUser
from chatbot.models import IndexedCourse
from chatbot.retrieval import finding
from chatbot.retrieval.selectors import passages_for
from chatbot.retrieval.services import index_course, index_stale_courses
from chatbot.retrieval.wording import MOST_WORDS, asked_words, indexed_words
from chatbot.terms import pairs_of, without_hindi_ending
from courses.models import Content, Course
from tests.chatbot.retrieval.lessons import taught
from tests.factories.courses import contents_of, enroll
from tests.thorough import times

pytestmark = pytest.mark.django_db


def test_a_passage_with_the_words_asked_for(asha: CustomUser, bilal: CustomUser) -> None:
    course = taught(asha, "<p>Vowels are open sounds.</p>", "<p>Consonants are closed by the lips.</p>")
    enroll(bilal, course)

    [passage] = passages_for(user=bilal, question="Which sounds are closed by the lip?", most=1)
    assert (passage.number, passage.title, passage.course_id) == (1, "Lesson 2", course.pk)
    assert passage.text == "Consonants are closed by the lips."


def test_a_question_in_hindi(asha: CustomUser, bilal: CustomUser) -> None:
    course = taught(asha, "<p>स्वर खुले होते हैं। अंग्रेज़ी के शब्दों में पाँच स्वर हैं।</p>", "<p>व्यंजन बंद होते हैं।</p>")
    enroll(bilal, course)

    [passage] = passages_for(user=bilal, question="अंग्रेजी में कितने स्वर होते हैं?", most=1)
    assert "पाँच" in passage.text


def found(user: CustomUser, question: str = "secret vowels", **where: int) -> list[str]:
    return [passage.text for passage in passages_for(user=user, question=question, **where)]


def test_only_what_the_asker_may_open(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser
) -> None:
    mine = taught(asha, "<p>Secret vowels of mine.</p>")
    taught(asha, "<p>Secret vowels of another course.</p>", title="Another")
    of_admin = taught(admin, "<p>Secret vowels of a third course.</p>", title="A third")
    enroll(bilal, mine)

    assert found(bilal) == ["Secret vowels of mine."]
    assert found(chitra) == []
    assert sorted(found(asha)) == ["Secret vowels of another course.", "Secret vowels of mine."]
    assert len(found(admin)) == 3
    assert found(bilal, course_id=of_admin.pk) == []
    assert found(bilal, course_id=mine.pk) == ["Secret vowels of mine."]
    assert found(admin, course_id=mine.pk) == ["Secret vowels of mine."]


def test_nothing_of_an_enrolment_that_has_ended(asha: CustomUser, bilal: CustomUser, chitra: CustomUser) -> None:
    course = taught(asha, "<p>Secret vowels.</p>")
    enroll(bilal, course, expiry_date=timezone.now() - timedelta(seconds=1))
    enroll(chitra, course, is_active=False)

    assert found(bilal) == found(chitra) == []


def test_a_preview_of_a_course_not_taken_is_not_for_the_tutor(asha: CustomUser, bilal: CustomUser) -> None:
    course = taught(asha, "<p>Secret vowels.</p>")
    Content.objects.filter(module__course=course).update(is_preview=True)

    assert found(bilal) == []


def test_of_a_course_taken_back_only_for_who_may_open_it(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser
) -> None:
    course = taught(asha, "<p>Secret vowels.</p>")
    enroll(bilal, course)
    for state in ({"is_published": False}, {"is_published": False, "archived_at": timezone.now()}):
        Course.objects.filter(pk=course.pk).update(**state, version=F("version") + 1)
        index_stale_courses(most_seconds=60)
        assert found(bilal) == found(asha) == ["Secret vowels."]
        assert found(chitra) == []


def test_what_is_rare_in_the_askers_courses_counts(asha: CustomUser, bilal: CustomUser) -> None:
    common = ["<p>Signs are made with the hands.</p>"] * 8
    course = taught(asha, *common, "<p>Thanks is a hand moved away from the chin.</p>", title="Talk")
    # Elsewhere signs are rare, and the chin is in everything.
    taught(asha, *["<p>The chin, and the chin again.</p>"] * 30, title="Faces")
    enroll(bilal, course)

    assert "chin" in found(bilal, "Which signs are at the chin?")[0]


def test_a_title_counts_more_than_a_text(asha: CustomUser, bilal: CustomUser) -> None:
    course = taught(asha, "<p>One hand. Verbs are later.</p>", "<p>Two hands.</p>")
    Content.objects.filter(module__course=course, title="Lesson 2").update(title="Verbs")
    index_course(course_id=course.pk, again=True)
    enroll(bilal, course)

    assert found(bilal, "verbs") == ["Two hands.", "One hand. Verbs are later."]


def test_the_content_one_looks_at_comes_first(asha: CustomUser, bilal: CustomUser) -> None:
    course = taught(asha, "<p>Vowels are open.</p>", "<p>Vowels are open.</p>")
    first, second = contents_of(course)
    enroll(bilal, course)

    for content in (first, second):
        passages = passages_for(user=bilal, question="vowels", content_id=content.pk)
        assert passages[0].content_id == content.pk
        assert len(passages) == 2


def test_no_content_takes_all_the_places(asha: CustomUser, bilal: CustomUser) -> None:
    paragraph = "<p>" + "Vowels are open sounds, and a few more words about them. " * 12 + "</p>"
    course = taught(asha, paragraph * 8, "<p>Vowels close the lesson.</p>")
    enroll(bilal, course)

    passages = passages_for(user=bilal, question="vowels")
    assert Counter(passage.title for passage in passages) == {"Lesson 1": 3, "Lesson 2": 1}
    assert [passage.number for passage in passages] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "question",
    [
        "", "?!", "what is it", "'", '"', '" OR 1=1 --', "vowels\" OR \"consonants", "'); DROP TABLE chatbot_chunk; --",
        "a* NEAR(b c)", "words : vowels", "{title_words} : vowels", "-vowels", "vowels AND NOT open", "%s %(a)s {n} %",
        "\\", "\x00vowels", "& | ! <-> :* ()", "vowels " * 2_000, " ".join(f"word{n}" for n in range(500)),
        "😀", "\u200d",
    ],
)  # fmt: skip
def test_any_text_is_a_question(asha: CustomUser, question: str) -> None:
    taught(asha, "<p>Vowels are open.</p>", "<p>Consonants close.</p>")

    assert set(found(asha, question)) <= {"Vowels are open.", "Consonants close."}
    assert len(asked_words(question)) <= MOST_WORDS


@given(st.text(max_size=200))
@settings(max_examples=times(300, few=40), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_at_all(asha: CustomUser, question: str) -> None:
    if not IndexedCourse.objects.exists():
        taught(asha, "<p>Vowels are open.</p>")

    assert set(found(asha, question)) <= {"Vowels are open."}


def test_one_statement(asha: CustomUser, bilal: CustomUser) -> None:
    for title in ("One", "Two", "Three"):
        enroll(bilal, taught(asha, "<p>Vowels are open.</p>", title=title))

    for asker in (bilal, asha):
        with CaptureQueriesContext(connection) as asked:
            assert len(found(asker, "open vowels")) == 3
        assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        assert found(bilal, "what is it?") == []
    assert len(asked) == 0


def test_words_that_everybody_has_find_something_too(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_OF_A_WORD", 2)
    taught(asha, *["<p>Vowels are open.</p>"] * 5)
    assert len(found(asha, "vowels")) > 0

    taught(asha, "<p>Vowels and yaks.</p>", title="Another")
    assert found(asha, "vowels yaks") == ["Vowels and yaks."]


def test_words_that_make_a_question_are_not_looked_for() -> None:
    assert asked_words("What does the word vowel mean?") == ["vowel"]
    assert asked_words("What is the meaning?") == ["meaning"]
    assert asked_words("स्वर का मतलब क्या है?") == ["स्वर"]
    assert asked_words("Who is it?") == []


def test_many_and_much_are_looked_for_where_nothing_else_is_said() -> None:
    assert asked_words("When is it how many?") == ["many"]
    assert asked_words("How many vowels are there?") == ["vowels"]


def test_articles_make_no_phrase() -> None:
    assert pairs_of("How many is a poll?") == pairs_of("How many is the poll") == {
        ("how", "many"), ("many", "is"), ("is", "poll")
    }  # fmt: skip


def test_hindi_words_are_found_in_any_form() -> None:
    assert indexed_words("लड़का लड़के लड़कों") == indexed_words("लड़की लड़कियों लड़कियाँ")
    assert without_hindi_ending("दो") == "दो"
