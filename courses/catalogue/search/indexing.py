"""Writing down what a course and its contents can be found by."""

from django.db.models import F, Q
from django.utils.translation import get_language_info

from courses.catalogue.models import Content, ContentDocument, Course, Module, SearchDocument, SearchTerm
from courses.catalogue.search.words import cut, terms_of, texts_of_content

_TEXTS = ("title", "keywords", "shown", "body")


def index_course(course_id: int) -> None:
    """Write the search document of the course anew, and those of its contents that changed.

    In the writer's transaction, by everything that changes a text of the course. The words of a draft
    and of what only its learners may read stay out of the vocabulary: a stranger's typing error must
    not be led to them. Who may read them finds them by words spelt right.
    """
    course = Course.objects.select_related("category", "instructor").get(pk=course_id)
    texts = {
        "title": cut(course.title),
        "keywords": cut(" ".join([*_labels_of(course), *_titles_of(course_id)])),
        "body": cut(f"{course.summary} {course.description}"),
    }
    SearchDocument.objects.bulk_create(
        [SearchDocument(course_id=course_id, **texts)],
        update_conflicts=True,
        unique_fields=["course"],
        update_fields=list(texts),
    )
    is_public = course.is_published and course.archived_at is None
    documents = _write_contents(course_id, is_public=is_public)
    if is_public:
        public = [text for document in documents for text in (document.title, document.keywords, document.shown)]
        # Sorted, so that two writers of the same new words wait for each other and never in a ring.
        terms = [SearchTerm(term=term) for term in terms_of([*texts.values(), *public])]
        SearchTerm.objects.bulk_create(terms, ignore_conflicts=True, batch_size=5000)


def _write_contents(course_id: int, *, is_public: bool) -> list[ContentDocument]:
    """Write the documents that are missing or stale, and those whose words have become public; return them.

    One statement where nothing changed, whatever the course's size.
    """
    stale = Q(search_document__isnull=True) | ~Q(search_document__written_from=F("updated_at"))
    if is_public:
        stale |= Q(search_document__words_known=False)
    contents = Content.objects.filter(stale, module__course_id=course_id).order_by("pk")
    documents = [_document(course_id, content, words_known=is_public) for content in contents]
    ContentDocument.objects.bulk_create(
        documents,
        update_conflicts=True,
        unique_fields=["content"],
        update_fields=["course", *_TEXTS, "written_from", "words_known"],
        batch_size=200,
    )
    return documents


def _document(course_id: int, content: Content, *, words_known: bool) -> ContentDocument:
    texts = texts_of_content(
        title=content.title,
        labels=[content.section, content.topic],
        text_html=content.text_html,
        is_preview=content.is_preview,
    )
    return ContentDocument(
        content=content, course_id=course_id, written_from=content.updated_at, words_known=words_known, **texts
    )


def _labels_of(course: Course) -> list[str]:
    teacher = course.instructor
    labels = [course.subject, course.grade, *_language_names(course.language), teacher.full_name, teacher.username]
    return [*labels, course.category.name] if course.category else labels


def _titles_of(course_id: int) -> list[str]:
    modules = Module.objects.filter(course_id=course_id).values_list("title").order_by()
    contents = Content.objects.filter(module__course_id=course_id).order_by()
    every = modules.union(contents.values_list("title"), contents.values_list("section"))
    return [title for (title,) in every]


def _language_names(code: str) -> list[str]:
    """Return the language's names in English and in itself, where it is known."""
    try:
        info = get_language_info(code)
    except KeyError:
        return [code]
    return [info["name"], info["name_local"]]
