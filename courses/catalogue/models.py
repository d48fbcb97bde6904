"""What is taught: categories, courses, modules, contents, and how they are found."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from e_learning.core.money import LEAST_PAISE, from_paise
from e_learning.core.storage import public_storage

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.api import User

#: What is said of a price that no gateway takes.
PRICE_TOO_SMALL = _("A course is free, or costs at least ₹1.00.")


class Category(models.Model):
    """A place in the tree of subjects. ``path`` is not kept: the tree is small and read whole."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, unique=True, allow_unicode=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("lies below"),
    )
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [models.CheckConstraint(condition=~Q(parent=F("id")), name="category_is_not_its_own_parent")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a parent that lies below this category: the loop would hang in the air, and no tree would show it."""
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("This category lies below the one you are editing.")})
            seen.add(above.pk)
            above = above.parent


def _listed_for(user: "User | AnonymousUser") -> Q:
    published = Q(is_published=True, archived_at__isnull=True)
    if not user.is_authenticated:
        return published
    return Q() if user.is_admin else published | Q(instructor=user)


class CourseRows(models.QuerySet["Course"]):
    def listed_for(self, user: "User | AnonymousUser") -> "CourseRows":
        """Courses that the catalogue lists for ``user``: the published, own ones, and all for admins."""
        return self.filter(_listed_for(user))

    def visible_to(self, user: "User | AnonymousUser") -> "CourseRows":
        """Courses that ``user`` may know of: those listed, and for a learner those of an enrolment of theirs."""
        if not user.is_authenticated or user.is_admin:
            return self.listed_for(user)
        # What a learner is enrolled in stays theirs to see when it is archived or taken back to draft.
        kept = Q(enrollments__user=user, enrollments__is_active=True)
        return self.filter(_listed_for(user) | Q(pk__in=Course.objects.filter(kept).values("pk")))

    def owned_by(self, user: "User") -> "CourseRows":
        """Courses that ``user`` may change: own ones, and all for admins."""
        return self.all() if user.is_admin else self.filter(instructor=user)


class Course(models.Model):
    """One course. Money is in paise, ``duration`` in seconds of video, ``access_days`` counts from enrolment.

    ``version`` grows with everything that changes what the catalogue shows of it, in the writer's
    transaction: bodies kept in memory are good exactly for their version. ``content_count``,
    ``duration``, ``enrolled_count`` and the rating are kept beside the rows they count, by the services
    that write those rows. A course with enrolments is archived, never deleted.
    """

    class Level(models.TextChoices):
        BEGINNER = "beginner", _("beginner")
        INTERMEDIATE = "intermediate", _("intermediate")
        ADVANCED = "advanced", _("advanced")

    instructor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="courses_taught",
        verbose_name=_("instructor"),
    )
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    description = models.TextField(_("description"), blank=True, max_length=20_000)
    price_paise = models.PositiveBigIntegerField(_("price in paise"), default=0)
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("category"),
    )
    level = models.CharField(_("level"), max_length=12, choices=Level, default=Level.BEGINNER)
    language = models.CharField(_("language"), max_length=20, default="en")
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    grade = models.CharField(_("grade"), max_length=20, blank=True)
    learning_objectives = models.JSONField(_("learning objectives"), default=list, blank=True)
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="required_by", verbose_name=_("to complete before")
    )
    access_days = models.PositiveIntegerField(
        _("days of access"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    thumbnail = models.ImageField(_("thumbnail"), upload_to="thumbnails", storage=public_storage, blank=True)
    is_published = models.BooleanField(_("published"), default=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)
    is_trending = models.BooleanField(_("trending"), default=False)
    rating = models.DecimalField(_("rating"), max_digits=3, decimal_places=2, default=Decimal(0))
    rating_count = models.PositiveIntegerField(_("ratings"), default=0)
    enrolled_count = models.PositiveIntegerField(_("enrolled"), default=0)
    content_count = models.PositiveIntegerField(_("contents"), default=0)
    duration = models.PositiveIntegerField(_("seconds of video"), default=0)
    version = models.PositiveBigIntegerField(_("version"), default=1)
    external_id = models.CharField(_("imported as"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects: ClassVar[CourseRows] = CourseRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        constraints = [
            models.CheckConstraint(condition=Q(rating__gte=0, rating__lte=5), name="course_rating_between_0_and_5"),
            models.CheckConstraint(
                condition=Q(price_paise=0) | Q(price_paise__gte=LEAST_PAISE),
                name="course_price_can_be_paid",
                violation_error_code="price_too_small",
                violation_error_message=PRICE_TOO_SMALL,
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="one_course_per_external_id"
            ),
        ]
        indexes = [
            models.Index(fields=["-enrolled_count", "-id"], name="course_popular", condition=Q(is_published=True)),
            models.Index(fields=["-published_at", "-id"], name="course_recent", condition=Q(is_published=True)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def price(self) -> Decimal:
        return from_paise(self.price_paise)

    @property
    def is_free(self) -> bool:
        return self.price_paise == 0


class Module(models.Model):
    """A chapter of a course; its contents in order."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules", verbose_name=_("course"))
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=5000)
    order = models.PositiveIntegerField(_("order"), default=0)
    external_id = models.CharField(_("imported as"), max_length=255, blank=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("module")
        verbose_name_plural = _("modules")

    def __str__(self) -> str:
        return self.title


class Content(models.Model):
    """One thing to watch, read or do. ``video_duration`` is in whole seconds, null while unknown.

    ``text_content`` is what the author wrote (Markdown, HTML allowed); ``text_html`` is what readers
    get, rendered and sanitised when it was written. A quiz's questions hang on its Quiz row.
    ``version`` counts the author's edits. ``shelf_grade`` and ``shelf_subject`` are its own grade and
    subject, or its course's where it has none: kept by ``refresh_course``, for the library. ``document_name`` is
    what its author called the document, for downloads; in the store it has a name of ours.
    """

    class Type(models.TextChoices):
        VIDEO = "video", _("video")
        TEXT = "text", _("text")
        DOCUMENT = "document", _("document")
        QUIZ = "quiz", _("quiz")
        INTERACTIVE = "interactive", _("interactive")

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="contents", verbose_name=_("module"))
    title = models.CharField(_("title"), max_length=200)
    section = models.CharField(_("section"), max_length=200, blank=True)
    content_type = models.CharField(_("type"), max_length=12, choices=Type)
    text_content = models.TextField(_("text"), blank=True)
    text_html = models.TextField(_("text as shown"), blank=True, editable=False)
    video_url = models.URLField(_("video address"), max_length=500, blank=True)
    video_file = models.FileField(_("video file"), upload_to="videos/%Y/%m", blank=True, max_length=255)
    video_duration = models.PositiveIntegerField(_("seconds of video"), null=True, blank=True)
    poster = models.ImageField(_("poster"), upload_to="posters/%Y/%m", blank=True, max_length=255)
    document = models.FileField(_("document"), upload_to="documents/%Y/%m", blank=True, max_length=255)
    document_name = models.CharField(_("document's name"), max_length=255, blank=True)
    is_preview = models.BooleanField(_("free preview"), default=False)
    order = models.PositiveIntegerField(_("order"), default=0)
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    grade = models.CharField(_("grade"), max_length=20, blank=True)
    shelf_grade = models.CharField(max_length=20, default="", blank=True, editable=False)
    shelf_subject = models.CharField(max_length=100, default="", blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    external_id = models.CharField(_("imported as"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("content")
        verbose_name_plural = _("contents")
        indexes = [models.Index(fields=["shelf_grade", "shelf_subject", "topic"], name="content_shelf")]

    def __str__(self) -> str:
        return self.title


class Bookmark(models.Model):
    """A course that somebody wants to find again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookmarks", verbose_name=_("user")
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="bookmarks", verbose_name=_("course"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")
        constraints = [models.UniqueConstraint(fields=["user", "course"], name="one_bookmark_per_user_and_course")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.course_id}"


class SearchDocument(models.Model):
    """What full text search reads of one course: written by ``catalogue.search.index_course`` with the course.

    On PostgreSQL a generated ``tsvector`` column, on SQLite an FTS5 table kept by triggers, stand
    beside these columns (migration 0002); neither is a model field.
    """

    course = models.OneToOneField(Course, on_delete=models.CASCADE, primary_key=True, related_name="search_document")
    title = models.TextField()
    keywords = models.TextField(blank=True)
    body = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title


class ContentDocument(models.Model):
    """What full text search reads of one content, as words: written by ``catalogue.search.index_course``.

    ``shown`` is the text of a preview, ``body`` the text of any other content, so that one of them is empty:
    who may not open the content is answered from title, keywords and ``shown`` alone. ``written_from`` is the
    content's ``updated_at`` at the writing: another one means that the document is stale. ``words_known``:
    its public words are in the vocabulary. Questions of quizzes are in no document. The indexes beside these
    columns are made by migration 0004.
    """

    content = models.OneToOneField(Content, on_delete=models.CASCADE, primary_key=True, related_name="search_document")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    title = models.TextField()
    keywords = models.TextField(blank=True)
    shown = models.TextField(blank=True)
    body = models.TextField(blank=True)
    written_from = models.DateTimeField()
    words_known = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title


class SearchTerm(models.Model):
    """A word that occurs in some document, so that a misspelt one can be led to it. Words are never removed."""

    term = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return self.term


class RecentSearch(models.Model):
    """What one person last searched for and found something by; nobody else is ever shown it.

    One row a person and question: ``words`` is the question as search reads it, ``typed`` as it was typed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recent_searches", verbose_name=_("user")
    )
    words = models.CharField(max_length=100, db_index=True)
    typed = models.CharField(_("typed"), max_length=100)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = _("recent search")
        verbose_name_plural = _("recent searches")
        constraints = [models.UniqueConstraint(fields=["user", "words"], name="one_recent_search_per_question")]
        indexes = [models.Index(fields=["user", "-asked_at", "-id"], name="recent_searches_of_user")]

    def __str__(self) -> str:
        return self.typed


class PopularSearch(models.Model):
    """A question that several people ask. There is no row of what fewer than three have among their recent ones.

    ``times`` counts from the third person on. ``score`` is the base-2 logarithm of the decayed count, with
    the weight of an asking doubling every half-life of ``remembering.HALF_LIFE`` from 2026 on: so one update
    adds an asking, all scores compare at any time, and what nobody asks any more sinks by itself.
    """

    words = models.CharField(max_length=100, primary_key=True)
    times = models.PositiveBigIntegerField(default=1)
    score = models.FloatField()
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-times", "words"], name="popular_searches"),
            models.Index(fields=["-score", "words"], name="trending_searches"),
        ]

    def __str__(self) -> str:
        return self.words
