"""Modules and contents, with the files that their texts show and the subtitles of their videos."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from courses.assessment.models import QuizAttempt
from courses.catalogue.models import Content, Course, Module
from courses.catalogue.services import announce_removal
from courses.catalogue.text import render_text
from courses.exchange.olx import structure as olx
from courses.exchange.olx.files import CourseFiles
from courses.exchange.writing.rows import write_rows
from courses.languages.models import Subtitle
from courses.learning.models import Enrollment, Progress
from courses.learning.services import hold_enrollments
from courses.media.services import store_asset

_LONGEST_TITLE = 200
_PLACE = {"module_id", "order"}
_LARGEST_FILE = 100 * 1024 * 1024


def write_modules(course: Course, read: olx.OlxCourse) -> dict[str, Module]:
    """Return the course's module rows by the ids of the modules read. What an author added beside them stays."""
    old = {row.external_id: row for row in Module.objects.filter(course=course).exclude(external_id="")}
    wanted = {
        module.external_id: {
            "course_id": course.pk,
            "external_id": module.external_id,
            "title": module.title[:_LONGEST_TITLE],
            "order": place,
        }
        for place, module in enumerate(read.modules, start=1)
    }
    return write_rows(Module.objects.all(), old=old, wanted=wanted)


def write_contents(
    course: Course, read: olx.OlxCourse, modules: Mapping[str, Module], files: CourseFiles
) -> dict[str, Content]:
    """Return the course's content rows by the ids of the contents read, also of those that moved to another module."""
    assets = _stored_files(course, read, files)
    wanted = {
        content.external_id: {
            "module_id": modules[module.external_id].pk,
            "external_id": content.external_id,
            "order": place,
            "title": content.title[:_LONGEST_TITLE],
            "section": content.section[:_LONGEST_TITLE],
            **_body(content, assets),
        }
        for module in read.modules
        for place, content in enumerate(module.contents, start=1)
    }
    rows = write_rows(Content.objects.all(), old=imported_contents(course), wanted=wanted, changed=_count_the_edit)
    _write_subtitles(read, rows)
    return rows


def hold_learners(read: olx.OlxCourse) -> None:
    """Hold the enrolments of a course out of which contents will go, before its own row is held.

    Enrolments come first, as everywhere: whoever ends or opens one counts it in the course while holding it.
    """
    course = Course.objects.filter(external_id=read.external_id).first()
    if course is not None and _vanished(course, read):
        hold_enrollments(Enrollment.objects.filter(course=course))


def remove_vanished(course: Course, read: olx.OlxCourse) -> list[str]:
    """Remove what an earlier import made and the file no longer holds; return the titles of what had to stay.

    A content that somebody has progress in stays, with its module: nobody's work goes because a file changed.
    """
    gone = _vanished(course, read)
    # Locked first, enrolments before contents as everywhere: a learner's first progress waits for us, or we see it.
    if gone:
        hold_enrollments(Enrollment.objects.filter(course=course))
    vanished = list(Content.objects.select_for_update().filter(pk__in=gone).order_by("pk")) if gone else []
    in_use = _with_work_in(gone) if gone else set()
    unused = [row for row in vanished if row.pk not in in_use]
    announce_removal(unused)
    Content.objects.filter(pk__in=[row.pk for row in unused]).delete()
    empty = ~Exists(Content.objects.filter(module=OuterRef("pk")))
    named = [module.external_id for module in read.modules]
    Module.objects.filter(empty, course=course).exclude(external_id__in=[*named, ""]).delete()
    return [row.title for row in vanished if row.pk in in_use]


def _vanished(course: Course, read: olx.OlxCourse) -> list[int]:
    keep = {content.external_id for module in read.modules for content in module.contents}
    return [row.pk for key, row in imported_contents(course).items() if key not in keep]


def imported_contents(course: Course) -> dict[str, Content]:
    """Return what earlier imports made of the course, by external id."""
    rows = Content.objects.filter(module__course=course).exclude(external_id="")
    return {row.external_id: row for row in rows}


def _with_work_in(ids: list[int]) -> set[int]:
    progress = Progress.objects.filter(content__in=ids).values_list("content_id", flat=True)
    attempts = QuizAttempt.objects.filter(quiz__content__in=ids).values_list("quiz__content_id", flat=True)
    return {*progress, *attempts}


def _body(content: olx.Content, assets: Mapping[str, int]) -> dict[str, Any]:
    if isinstance(content, olx.VideoContent):
        return {"content_type": "video", "video_url": content.url, "video_duration": content.duration}
    if isinstance(content, olx.QuizContent):
        return {"content_type": "quiz"}
    text = content.html
    for name, asset_id in assets.items():
        text = text.replace(f'"/static/{escape(name)}"', f'"asset:{asset_id}"')
    return {"content_type": "text", "text_content": text, "text_html": render_text(text)}


def _count_the_edit(content: Content, names: set[str]) -> Iterable[str]:
    """Count an edit of what a content is; standing at another place is none."""
    content.version += bool(names - _PLACE)
    content.updated_at = timezone.now()  # bulk_update passes auto_now by
    return ("version", "updated_at")


def _stored_files(course: Course, read: olx.OlxCourse, files: CourseFiles) -> dict[str, int]:
    """Return the asset ids of the files that texts show, by name; the same bytes are kept once."""
    stored = {}
    for name in read.static_files:
        data = files.read(f"static/{name}", max_bytes=_LARGEST_FILE)
        if data is not None:
            stored[name] = store_asset(course_id=course.pk, name=name, data=data).pk
    return stored


def _write_subtitles(read: olx.OlxCourse, contents: Mapping[str, Content]) -> None:
    """Write the tracks of each video over those of the same language; those of other languages stay."""
    videos = [
        content for module in read.modules for content in module.contents if isinstance(content, olx.VideoContent)
    ]
    tracks = [
        Subtitle(content=contents[video.external_id], language=track.language, cues=_cues(track))
        for video in videos
        for track in video.subtitles
    ]
    Subtitle.objects.bulk_create(
        tracks, batch_size=100, update_conflicts=True, unique_fields=["content", "language"], update_fields=["cues"]
    )


def _cues(track: olx.SubtitleTrack) -> list[dict[str, Any]]:
    return [{"start": cue.start, "end": cue.end, "text": cue.text} for cue in track.cues]
