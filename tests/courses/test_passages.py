"""What a content says in words."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.base import ContentFile
from fpdf import FPDF

from accounts.models import CustomUser
from courses.api import open_questions_of, question_texts_of, words_of_content
from courses.languages.models import Subtitle
from courses.passages import paragraphs_of
from e_learning.core.uploads.reading import document_text
from tests.factories.courses import contents_of, make_course
from tests.factories.quizzes import make_quiz


def pdf_of(*pages: str) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for page in pages:
        pdf.add_page()
        pdf.multi_cell(0, text=page)
    return bytes(pdf.output())


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_xhtml", ".xhtml"), text)
    return file.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RUNS = "<w:r><w:t>Vowels are </w:t></w:r><w:r><w:t>open.</w:t></w:r>"
DOCX = f"<w:document {W}><w:body><w:p>{RUNS}</w:p></w:body></w:document>"
EPUB = "<html><head><title>no</title></head><body><h1>Vowels</h1><p>are open.</p><script>no</script></body></html>"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.pdf", pdf_of("Vowels are open.", "Consonants close."), "Vowels are open.\n\nConsonants close."),
        ("a.docx", zipped(word__document_xml=DOCX), "Vowels are open."),
        ("a.epub", zipped(page_xhtml=EPUB), "\nVowels\nare open."),
        ("a.txt", "\ufeffस्वर खुले हैं।".encode(), "स्वर खुले हैं।"),
        ("a.pdf", b"%PDF-1.7 and nothing behind it %%EOF", ""),
        ("a.docx", b"PK\x03\x04 broken", ""),
        ("a.docx", zipped(word__document_xml='<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), ""),
        ("a.xlsx", b"PK", ""),
    ],
    ids=["pdf", "docx", "epub", "txt", "broken pdf", "broken docx", "entities", "no running text"],
)
def test_the_text_of_a_document(name: str, data: bytes, text: str) -> None:
    assert document_text(io.BytesIO(data), name=name).strip("\n") == text.strip("\n")


def test_a_text_is_read_as_it_is_shown() -> None:
    page = (
        "<h2>Vowels</h2><p>They are <b>open</b> &amp;\nloud.</p><ul><li>a</li><li>e</li></ul>"
        "<table><tr><th>a</th><td>अ</td></tr></table>"
    )

    assert paragraphs_of(page) == "Vowels\nThey are open & loud.\na\ne\na | अ"


@pytest.mark.django_db
def test_a_content_in_words(asha: CustomUser) -> None:
    course = make_course(asha, contents=1)
    [content] = contents_of(course)
    content.document.save("a.txt", ContentFile("Consonants close."))
    cue = {"start": 1.5, "end": 3.0, "text": "Watch my hand."}
    Subtitle.objects.create(content=content, language="en", cues=[cue])

    words: Any = words_of_content(content.pk)
    assert (words.text, words.document) == ("Secret words", "Consonants close.")
    assert [spoken.start for spoken in words.subtitles["en"]] == [1.5]
    assert (words.title, words.module_title, words.course_title) == ("Lesson 1", "First steps", "Alphabet in Signs")
    assert words_of_content(10**9) is None


@pytest.mark.django_db
def test_no_question_is_in_it(asha: CustomUser) -> None:
    quiz = make_quiz(make_course(asha))

    [asked] = question_texts_of(quiz.content.module.course_id)[:1]
    assert asked not in str(words_of_content(quiz.content_id))
    assert open_questions_of(asha.pk) == []
