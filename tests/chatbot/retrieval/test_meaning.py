"""Found by what is meant: by a stand-in server of embeddings, and by the model in the wheel where it is installed.

Without numpy, or on PostgreSQL with pgvector, the tests of the other way are skipped.
"""

import io
import json
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from benchmarks.tutor.measuring import asked_of, make_school, measures
from benchmarks.tutor.questions import ANSWERABLE, UNANSWERABLE
from chatbot.conversations.services import ask
from chatbot.models import Chunk, ChunkVector, Conversation, IndexedCourse, Message, ProviderCall
from chatbot.providers import circuit
from chatbot.providers.checks import check_embedding_model
from chatbot.providers.configured import embedding_place
from chatbot.providers.embedding import AT_ONCE, vectors_of
from chatbot.retrieval import meaning, selectors
from chatbot.retrieval.finding import FoundChunk
from chatbot.retrieval.judging import is_answered_by
from chatbot.retrieval.meaning import fused, has_pgvector
from chatbot.retrieval.selectors import courses_without_vectors, passages_for
from chatbot.retrieval.services import embed_course, embed_missing, embedding, index_course
from chatbot.retrieval.tasks import sweep_index
from courses.api import ids_of_courses_open_to
from courses.models import Content, Course
from tests.chatbot.providers.model_server import BROKEN, BUSY, DRIPPING, SILENT, Fault, ModelServer, said
from tests.chatbot.retrieval.lessons import taught
from tests.crowd import crowd
from tests.factories.courses import enroll

HAS_NUMPY, HAS_WORDLLAMA = find_spec("numpy") is not None, find_spec("wordllama") is not None
needs_numpy = pytest.mark.skipif(not HAS_NUMPY, reason="numpy is not installed (make install-ai)")
needs_wordllama = pytest.mark.skipif(not HAS_WORDLLAMA, reason="wordllama is not installed (make install-ai)")

#: Words that mean one thing; a text's vector counts how often it speaks of each.
_MEANINGS = (("smells", "stinks", "reeks"), ("vowels",), ("hands", "fingers"), ("secret",))
SMELL, STINK = "Why does my plant smell? It smells.", "<p>If the heap stinks, put dry leaves on it.</p>"


def means(text: str) -> list[float]:
    words = [word.strip(".,?!").lower() for word in text.split()]
    return [0.05, *(float(sum(words.count(word) for word in group)) for group in _MEANINGS)]


@pytest.fixture(autouse=True)
def as_a_new_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is in memory, nobody rests, and the database is asked anew what it can do."""
    circuit._rests_until.clear()
    has_pgvector.cache_clear()
    if HAS_NUMPY:
        from chatbot.retrieval import kept_vectors

        kept_vectors._kept.clear()
    yield
    circuit._rests_until.clear()
    has_pgvector.cache_clear()


@pytest.fixture(params=["pgvector", "numpy"])
def way(request: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way of comparing, as far as it is there."""
    if request.param == "pgvector" and not has_pgvector():
        pytest.skip("no PostgreSQL with pgvector")
    if request.param == "numpy":
        if not HAS_NUMPY:
            pytest.skip("numpy is not installed (make install-ai)")
        monkeypatch.setattr(meaning, "has_pgvector", lambda: False)
    return request.param


@pytest.fixture
def server(settings: Any) -> Iterator[ModelServer]:
    """An endpoint as a school would configure it."""
    with ModelServer() as stand_in:
        stand_in.means = means
        settings.AI_EMBEDDING_MODEL = "text-embedding-1"
        settings.AI_EMBEDDING_BASE_URL = stand_in.url
        settings.AI_EMBEDDING_API_KEY = "sk-of-vectors"
        settings.AI_EMBEDDING_PRICE = 20.0
        settings.AI_EMBEDDING_CLOSE = 0.8
        settings.AI_TIMEOUT_SECONDS = 1.0
        yield stand_in


def found(user: CustomUser, question: str = SMELL, **where: int) -> list[str]:
    return [passage.text for passage in passages_for(user=user, question=question, **where)]


# --- what is found -------------------------------------------------------------------------------
def test_other_words_for_the_same_are_found(way: str, server: ModelServer, asha: CustomUser, bilal: CustomUser) -> None:
    enroll(bilal, taught(asha, STINK, "<p>Vowels are open.</p>"))

    assert found(bilal)[0] == "If the heap stinks, put dry leaves on it."
    [passage] = passages_for(user=bilal, question=SMELL, most=1)
    assert passage.is_close


def test_nothing_of_a_course_that_is_not_open(
    way: str, server: ModelServer, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser
) -> None:
    mine, other = taught(asha, STINK), taught(admin, "<p>It reeks of secret things.</p>", title="Another")
    enroll(bilal, mine)

    assert found(bilal) == ["If the heap stinks, put dry leaves on it."]
    assert found(chitra) == []
    assert len(found(admin)) == 2
    assert found(bilal, course_id=other.pk) == []
    # What was read into memory for somebody else is nothing to Chitra.
    assert found(chitra) == found(chitra, course_id=other.pk) == []


def test_without_the_filter_the_stranger_would_be_told(
    way: str, server: ModelServer, asha: CustomUser, chitra: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught(asha, STINK)
    monkeypatch.setattr(selectors, "ids_of_courses_open_to", lambda user: Course.objects.values_list("pk", flat=True))

    assert found(chitra) == ["If the heap stinks, put dry leaves on it."]


def test_an_unpublished_course_is_for_its_owner_alone(
    way: str, server: ModelServer, asha: CustomUser, bilal: CustomUser, chitra: CustomUser
) -> None:
    course = taught(asha, STINK)
    enroll(bilal, course)
    assert found(bilal)

    course.enrollments.update(is_active=False)
    Course.objects.filter(pk=course.pk).update(is_published=False)
    assert found(asha)
    assert found(bilal) == found(chitra) == []


def test_what_memory_holds_decides_nothing(
    server: ModelServer, asha: CustomUser, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a wrong list of nearest chunks is filtered by the statement that reads them."""
    kept_vectors = pytest.importorskip("chatbot.retrieval.kept_vectors")
    enroll(bilal, taught(asha, STINK))
    foreign = taught(asha, "<p>It reeks of secret things.</p>", title="Another")
    monkeypatch.setattr(meaning, "has_pgvector", lambda: False)
    everything = dict.fromkeys(Chunk.objects.values_list("pk", flat=True), 0.9)
    monkeypatch.setattr(kept_vectors, "nearest", lambda *_args, **_named: everything)

    assert Chunk.objects.filter(course=foreign).exists()
    assert found(bilal) == ["If the heap stinks, put dry leaves on it."]


def test_an_edit_is_found_by_what_it_means_now(
    way: str, server: ModelServer, asha: CustomUser, bilal: CustomUser
) -> None:
    course = taught(asha, STINK, "<p>Vowels are open.</p>")
    enroll(bilal, course)
    assert "stinks" in found(bilal)[0]

    Content.objects.filter(module__course=course, title="Lesson 1").update(text_html="<p>Fingers.</p>")
    Content.objects.filter(module__course=course, title="Lesson 2").update(text_html="<p>It reeks.</p>")
    index_course(course_id=course.pk)
    assert found(bilal)[0] == "It reeks."
    assert ChunkVector.objects.count() == Chunk.objects.count() == 2


def test_what_is_deleted_takes_its_vectors_along(way: str, server: ModelServer, asha: CustomUser) -> None:
    course = taught(asha, STINK, "<p>Vowels are open.</p>")
    assert ChunkVector.objects.count() == 2

    Content.objects.filter(title="Lesson 1").delete()
    assert ChunkVector.objects.count() == 1
    assert found(asha) == ["Vowels are open."]
    course.delete()
    assert not ChunkVector.objects.exists()


def test_statements_of_a_question(way: str, server: ModelServer, asha: CustomUser, bilal: CustomUser) -> None:
    for title in ("One", "Two", "Three"):
        enroll(bilal, taught(asha, STINK, title=title))
    found(bilal)

    with CaptureQueriesContext(connection) as asked:
        assert len(found(bilal)) == 3
    # By words, by meaning (open courses and then chunks, where vectors are in memory), and the call that is recorded.
    assert len(asked) == {"pgvector": 3, "numpy": 4}[way]
    with CaptureQueriesContext(connection) as asked:
        assert found(bilal, "what is it?") == []
    assert len(asked) == 0


def test_a_message_stays_within_its_statements(
    way: str, server: ModelServer, asha: CustomUser, bilal: CustomUser, on_postgresql: bool
) -> None:
    enroll(bilal, taught(asha, STINK, "<p>Vowels are open sounds.</p>"))
    conversation = Conversation.objects.create(user=bilal)

    def answer() -> None:
        list(ask(user=bilal, conversation_id=conversation.pk, content="Which vowels are open?", language="en"))

    answer()
    with CaptureQueriesContext(connection) as asked:
        answer()
    assert Message.objects.filter(role="assistant", state="complete").count() == 2
    # One less than over HTTP, where the session is asked too.
    assert len(asked) <= {"pgvector": 13, "numpy": 14}[way] + (0 if on_postgresql else 5)


def test_without_a_model_nothing_is_asked(db: None, asha: CustomUser, settings: Any) -> None:
    assert settings.AI_EMBEDDING_MODEL == ""
    taught(asha, STINK)

    assert not ChunkVector.objects.exists()
    assert found(asha, "Vowels") == []
    with CaptureQueriesContext(connection) as asked:
        found(asha)
    assert len(asked) == 1
    assert embed_missing(most_seconds=60) == 0


def test_both_ranks_count() -> None:
    first, second, third = (FoundChunk(number, number, 1, "", "", None, 1.0) for number in (1, 2, 3))

    assert fused([first, second], []) == [first, second]
    assert fused([], [third]) == [third]
    assert fused([first, second], [second, third]) == [second, first, third]


def test_what_is_close_may_say_it_in_other_words(
    way: str, server: ModelServer, asha: CustomUser, settings: Any
) -> None:
    taught(asha, "<p>If the heap stinks, put dry leaves on it.</p>")
    question = "Why is it that the heap smells?"

    assert is_answered_by(question, passages_for(user=asha, question=question))
    settings.AI_EMBEDDING_CLOSE = 2.0
    assert not is_answered_by(question, passages_for(user=asha, question=question))
    # A name is no other word for anything.
    assert not is_answered_by("Is it the heap of Bilal that smells?", passages_for(user=asha, question=question))


# --- how vectors are made ------------------------------------------------------------------------
def test_a_call_is_recorded_with_what_it_cost(server: ModelServer, asha: CustomUser) -> None:
    course = taught(asha, *["<p>Vowels are open.</p>"] * (AT_ONCE + 1))

    calls = list(ProviderCall.objects.order_by("pk").values_list("purpose", "model", "outcome", "prompt_tokens"))
    assert calls == [
        ("embedding", "text-embedding-1", "answered", 5 * AT_ONCE),
        ("embedding", "text-embedding-1", "answered", 5),
    ]
    assert ProviderCall.objects.order_by("pk")[0].cost_micros == 5 * AT_ONCE * 20
    assert server.authorizations == ["Bearer sk-of-vectors"] * 2
    assert ChunkVector.objects.filter(course=course, model="text-embedding-1", size=5).count() == AT_ONCE + 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (BUSY, "busy"),
        (BROKEN, "failed"),
        (SILENT, "timed_out"),
        (Fault(body=b"<html>Sign in</html>", content_type="text/html"), "failed"),
        (Fault(body=b"{", content_type="application/json"), "failed"),
        (Fault(cut_at=40, content_type="application/json"), "cut_off"),
        (Fault(body=json.dumps({"data": []}).encode(), content_type="application/json"), "failed"),
    ],
)
def test_where_the_server_fails_words_find_alone(
    server: ModelServer, asha: CustomUser, bilal: CustomUser, fault: Fault, outcome: str
) -> None:
    server.always = fault
    course = taught(asha, STINK, "<p>Vowels are open.</p>")
    enroll(bilal, course)

    assert not ChunkVector.objects.exists()
    assert found(bilal, "Which vowels are open?") == ["Vowels are open."]
    assert set(ProviderCall.objects.values_list("outcome", flat=True)) == {outcome}
    assert len(server.asked) == 1, "who failed is left alone for a while"

    server.always = None
    circuit._rests_until.clear()
    sweep_index()
    assert ChunkVector.objects.count() == 2


def _answer(*vectors: Any, places: list[int] | None = None) -> Fault:
    each = [{"index": place, "embedding": vector} for place, vector in zip(places or [0, 1], vectors, strict=False)]
    return Fault(body=json.dumps({"data": each}).encode(), content_type="application/json")


@pytest.mark.parametrize(
    "malformed",
    [
        _answer([1.0, 2.0]),
        _answer([1.0, 2.0], [1.0]),
        _answer([], []),
        _answer([1.0], [1.0], places=[0, 0]),
        _answer([1.0], [1.0], places=[0, 2]),
        _answer([1.0], ["x"]),
        _answer([1.0], [None]),
        _answer([1.0], [float("nan")]),
        _answer([1.0], "abc"),
        _answer([1.0], [10**400]),
    ],
)
def test_malformed_vectors_are_not_kept(server: ModelServer, asha: CustomUser, malformed: Fault) -> None:
    server.faults.append(malformed)
    taught(asha, STINK, "<p>Vowels are open.</p>")

    assert not ChunkVector.objects.exists()
    assert list(ProviderCall.objects.values_list("outcome", flat=True)) == ["failed"]


def test_a_text_that_the_model_refuses_keeps_no_other_from_its_vector(server: ModelServer, asha: CustomUser) -> None:
    too_long = said(400, "context_length_exceeded")
    # All at once, then a text that everybody takes, then each by itself.
    server.faults.extend([too_long, None, too_long, None])
    taught(asha, STINK, "<p>Vowels are open.</p>")

    assert list(ChunkVector.objects.order_by("chunk").values_list("size", flat=True)) == [0, 5]
    assert courses_without_vectors("text-embedding-1") == []


def test_a_wrong_key_marks_no_text(server: ModelServer, asha: CustomUser) -> None:
    server.always = said(401, "invalid_api_key")
    taught(asha, STINK)

    assert not ChunkVector.objects.exists()
    assert len(server.asked) == 2, "the texts, and one that nobody refuses"


def test_a_server_that_drips_keeps_no_question_waiting(
    server: ModelServer, asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught(asha, STINK, "<p>Vowels are open.</p>")
    monkeypatch.setattr(meaning, "_MOST_SECONDS", 0.3)
    server.always = DRIPPING

    began = time.monotonic()
    assert found(asha, "Which vowels are open?") == ["Vowels are open."]
    assert time.monotonic() - began < 3


def test_after_a_change_of_the_model_all_vectors_are_made_anew(
    way: str, server: ModelServer, asha: CustomUser, settings: Any
) -> None:
    taught(asha, STINK, "<p>Vowels are open.</p>")
    settings.AI_EMBEDDING_MODEL = "text-embedding-2"
    server.means = lambda text: [*means(text), 0.0, 0.0]

    assert found(asha) == [], "vectors of another model say nothing"
    assert embed_missing(most_seconds=60) == 2
    assert set(ChunkVector.objects.values_list("model", "size")) == {("text-embedding-2", 7)}
    assert "stinks" in found(asha)[0]
    assert embed_missing(most_seconds=60) == 0


def test_vectors_of_another_size_are_not_compared(way: str, server: ModelServer, asha: CustomUser) -> None:
    taught(asha, STINK)
    server.means = lambda text: [*means(text), 0.0]
    assert found(asha) == []

    call_command("index_tutor", "--again", "--json", stdout=io.StringIO())
    assert "stinks" in found(asha)[0]


def test_the_command_makes_what_is_missing(server: ModelServer, asha: CustomUser, settings: Any) -> None:
    settings.AI_EMBEDDING_MODEL = ""
    taught(asha, STINK)
    settings.AI_EMBEDDING_MODEL = "text-embedding-1"

    call_command("index_tutor", "--json", stdout=io.StringIO())
    assert ChunkVector.objects.count() == 1


def test_what_broke_off_goes_on_where_it_was(
    server: ModelServer, asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = taught(asha, *["<p>Vowels are open.</p>"] * (AT_ONCE + 2))
    ChunkVector.objects.all().delete()
    server.faults.extend([None, BROKEN])
    assert embed_missing(most_seconds=60) == 0
    assert ChunkVector.objects.count() == AT_ONCE

    circuit._rests_until.clear()
    server.asked.clear()
    assert embed_course(course_id=course.pk) == 2
    assert [len(asked["input"]) for asked in server.asked] == [2]


def test_a_chunk_that_went_while_its_vector_was_made_gets_none(
    server: ModelServer, asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = taught(asha, STINK, "<p>Vowels are open.</p>")
    ChunkVector.objects.all().delete()
    ask = embedding.vectors_of

    def while_one_goes(texts: Any) -> Any:
        Chunk.objects.filter(text__contains="stinks").delete()
        return ask(texts)

    monkeypatch.setattr(embedding, "vectors_of", while_one_goes)
    embed_course(course_id=course.pk)
    assert ChunkVector.objects.count() == Chunk.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_vector_a_chunk(server: ModelServer, asha: CustomUser) -> None:
    course = taught(asha, *["<p>Vowels are open.</p>"] * 5)
    with crowd(4) as all_at_once:
        for _round in range(3):
            ChunkVector.objects.all().delete()
            all_at_once(
                *[lambda: embed_course(course_id=course.pk)] * 3, lambda: index_course(course_id=course.pk, again=True)
            )
            embed_course(course_id=course.pk)
            assert ChunkVector.objects.count() == Chunk.objects.count() == 5


def test_a_course_that_was_forgotten_meanwhile_gets_no_vectors(server: ModelServer, asha: CustomUser) -> None:
    course = taught(asha, STINK)
    ChunkVector.objects.all().delete()
    IndexedCourse.objects.all().delete()

    assert embed_course(course_id=course.pk) == 0
    assert not ChunkVector.objects.exists()


# --- in memory -----------------------------------------------------------------------------------
@needs_numpy
def test_memory_is_bounded_and_what_does_not_fit_is_read(
    server: ModelServer, asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot.retrieval import kept_vectors

    monkeypatch.setattr(meaning, "has_pgvector", lambda: False)
    for title in ("One", "Two", "Three"):
        taught(asha, STINK, title=title)
    monkeypatch.setattr(kept_vectors, "MOST_BYTES", 1)

    assert len(found(asha)) == len(found(asha)) == 3
    assert len(kept_vectors._kept) == 1


def test_both_ways_find_the_same(
    server: ModelServer, asha: CustomUser, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    if not has_pgvector() or not HAS_NUMPY:
        pytest.skip("no PostgreSQL with pgvector, or no numpy")
    taught(asha, STINK, "<p>Vowels are open.</p>", "<p>Secret fingers.</p>", "<p>It reeks of vowels.</p>")
    near = meaning.chunks_near("smells secret vowels", asker_id=None, courses=ids_of_courses_open_to(asha))
    monkeypatch.setattr(meaning, "has_pgvector", lambda: False)
    again = meaning.chunks_near("smells secret vowels", asker_id=None, courses=ids_of_courses_open_to(asha))

    assert len(near) == 4
    assert [chunk.id for chunk in near] == [chunk.id for chunk in again]
    assert [chunk.score for chunk in near] == pytest.approx([chunk.score for chunk in again], abs=1e-5)


# --- settings ------------------------------------------------------------------------------------
def test_settings_that_can_not_be_meant(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatbot.providers import checks

    def told(**values: Any) -> list[str | None]:
        usual = {"MODEL": "text-embedding-1", "BASE_URL": "https://a.example/v1", "API_KEY": "sk-1", "PRICE": 0.0}
        for name, value in {**usual, "CLOSE": 2.0, **values}.items():
            setattr(settings, f"AI_EMBEDDING_{name}", value)
        return [message.id for message in check_embedding_model(None)]

    monkeypatch.setattr(checks, "find_spec", lambda name: object())
    assert told() == told(MODEL="") == told(MODEL="wordllama", BASE_URL="") == []
    assert told(BASE_URL="", API_KEY="") == []
    assert told(BASE_URL="http://a.example/v1") == ["chatbot.E002"]
    assert told(API_KEY="sk 1") == ["chatbot.E003"]
    assert told(MODEL="m" * 101) == ["chatbot.E001"]
    assert told(PRICE=-1.0) == told(CLOSE=0.0) == told(CLOSE=2.5) == ["chatbot.E004"]
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    assert told() == told(MODEL="wordllama") == ["chatbot.E005"]
    assert "make install-ai" in str(check_embedding_model(None)[0].hint)


def test_the_key_of_answers_goes_to_no_other_address(settings: Any) -> None:
    settings.AI_BASE_URLS, settings.AI_API_KEYS = ["https://a.example/v1"], ["sk-of-answers"]
    settings.AI_EMBEDDING_MODEL = "text-embedding-1"
    assert (embedding_place().address, embedding_place().key) == ("https://a.example/v1", "sk-of-answers")

    settings.AI_EMBEDDING_BASE_URL = "https://b.example/v1"
    assert (embedding_place().address, embedding_place().key) == ("https://b.example/v1", "")


# --- the model in the wheel ----------------------------------------------------------------------
@needs_wordllama
def test_the_small_model_needs_no_network(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_arguments: Any, **_named: Any) -> Any:
        raise OSError("no network here")

    monkeypatch.setattr("socket.socket.connect", no_network)
    settings.AI_EMBEDDING_MODEL = "wordllama"
    plant, smell, sky, nothing = vectors_of(["The plant smells", "If the heap stinks", "How far is the moon", ""])

    def cosine(one: Any, other: Any) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    assert len(plant) == 256
    assert cosine(plant, plant) == pytest.approx(1.0, abs=1e-5)
    assert cosine(plant, smell) > cosine(plant, sky)
    assert len(nothing) == 0


@needs_wordllama
def test_answers_with_the_small_model_reach_the_same_targets(db: None, settings: Any) -> None:
    settings.AI_EMBEDDING_MODEL, settings.AI_EMBEDDING_CLOSE = "wordllama", 0.37
    learner = make_school()
    answerable, unanswerable = (
        [outcome for outcomes in asked_of(learner, questions).values() for outcome in outcomes]
        for questions in (ANSWERABLE, UNANSWERABLE)
    )
    assert ChunkVector.objects.count() == Chunk.objects.count() > 0
    assert [measure for measure in measures(answerable, unanswerable) if not measure.is_reached] == []
    assert not ProviderCall.objects.exists()
