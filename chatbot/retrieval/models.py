"""Contents in pieces that can be found and quoted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from chatbot.retrieval.fields import NumbersField


class IndexedCourse(models.Model):
    """That all contents of a course were looked at when it had this version: with another there may be stale ones.

    ``vectors`` is another one whenever vectors of its chunks were written: who keeps them in memory sees by it.
    """

    course = models.OneToOneField(
        "courses.Course", on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("course")
    )
    version = models.PositiveBigIntegerField(_("version"))
    indexed_at = models.DateTimeField(_("indexed"))
    vectors = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["course_id"]
        verbose_name = _("indexed course")
        verbose_name_plural = _("indexed courses")

    def __str__(self) -> str:
        return f"{self.course_id}"


class IndexedContent(models.Model):
    """That a content was cut into chunks. ``made_from`` is the mark of what it was cut from: another is stale."""

    content = models.OneToOneField(
        "courses.Content", on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("content")
    )
    course = models.ForeignKey("courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    made_from = models.CharField(max_length=64)
    indexed_at = models.DateTimeField(_("indexed"))

    class Meta:
        ordering = ["content_id"]
        verbose_name = _("indexed content")
        verbose_name_plural = _("indexed contents")

    def __str__(self) -> str:
        return f"{self.content_id}"


class Chunk(models.Model):
    """A piece of a content's text, document or subtitles, short enough to be quoted as a source.

    ``text`` is plain text as a reader sees it; ``title`` is its content's, and ``heading`` says where that stands
    (course, module, section). ``words``, ``title_words`` (of content and section) and ``place_words`` (of course and
    module) are what full text search reads, cut as questions are. ``start_seconds`` and
    ``end_seconds`` are where in the video it is said. No question, option or key of a quiz is ever in a chunk. Who may
    read it is not in it: that is asked of courses each time. The indexes beside it are in the migrations.
    """

    class Source(models.TextChoices):
        TEXT = "text", _("text")
        DOCUMENT = "document", _("document")
        SUBTITLES = "subtitles", _("subtitles")

    content = models.ForeignKey(
        "courses.Content", on_delete=models.CASCADE, related_name="+", verbose_name=_("content")
    )
    course = models.ForeignKey("courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    language = models.CharField(_("language"), max_length=20, blank=True)
    order = models.PositiveIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=200)
    heading = models.TextField(_("heading"), blank=True)
    text = models.TextField(_("text"))
    words = models.TextField(blank=True, editable=False)
    title_words = models.TextField(blank=True, editable=False)
    place_words = models.TextField(blank=True, editable=False)
    start_seconds = models.PositiveIntegerField(_("from second"), null=True, blank=True)
    end_seconds = models.PositiveIntegerField(_("to second"), null=True, blank=True)

    class Meta:
        ordering = ["content_id", "order"]
        verbose_name = _("chunk")
        verbose_name_plural = _("chunks")
        constraints = [models.UniqueConstraint(fields=["content", "order"], name="one_chunk_a_place")]
        indexes = [
            models.Index(fields=["course"], name="chunk_of_course"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id}.{self.order}"


class ChunkVector(models.Model):
    """What a chunk means to ``model``: ``size`` numbers, a vector of length one.

    None (``size`` 0) where the model knows no word of the text, or refuses it: it isn't asked again. The database
    removes it with its chunk (migration 0002), so that Django needn't read chunks to delete them.
    """

    chunk = models.OneToOneField(
        Chunk, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    course = models.ForeignKey("courses.Course", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    model = models.CharField(max_length=100)
    size = models.PositiveSmallIntegerField()
    numbers = NumbersField()

    class Meta:
        verbose_name = _("vector")
        verbose_name_plural = _("vectors")

    def __str__(self) -> str:
        return f"{self.chunk_id} {self.model}"
