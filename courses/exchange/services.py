"""Bringing courses in from other platforms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.api import Role, User
from courses.catalogue.models import PRICE_TOO_SMALL, Course
from courses.catalogue.services import CourseValues, create_course, refresh_course, update_course
from courses.exchange.olx import ImportRefused, open_course, read_course
from courses.exchange.olx.files import CourseFiles
from courses.exchange.olx.structure import BlockCount, LeftOut, OlxCourse
from courses.exchange.reporting import blocks_as_json, entries_as_json
from courses.exchange.writing.contents import hold_learners, remove_vanished, write_contents, write_modules
from courses.exchange.writing.quizzes import check_question, write_quizzes
from e_learning.core.money import LEAST_PAISE, MOST_PAISE, to_paise

_LONGEST = {"title": 200, "summary": 500, "description": 20_000, "language": 20}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``kept`` are titles of contents that the file no longer holds and learners have work in."""

    course_id: int
    title: str
    is_new: bool
    is_published: bool
    blocks: Mapping[str, BlockCount]
    left_out: tuple[LeftOut, ...]
    kept: tuple[str, ...]
    missing_files: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the object of the contract (API §9)."""
        return {
            "course_id": self.course_id,
            "title": self.title,
            "blocks": blocks_as_json(self.blocks),
            "left_out": entries_as_json(self.left_out),
        }


def import_olx_course(
    *,
    path: Path,
    instructor: User | None = None,
    price: Decimal | None = None,
    publish: bool = False,
    step: Callable[[str, str], None] | None = None,
) -> ImportReport:
    """Import the OLX course at ``path``, a folder or ``.tar.gz``; the same org, course and run updates the same course.

    Everything is read and checked first, then written in one transaction. ``price`` is in major units.
    What is not given stays as it is on a course that is there; a new one is free, a draft, and taught by
    the only instructor, else by the first administrator. Publishing is never taken back. ``step(kind,
    id)`` is called for each block read. Raises ImportRefused, and has then changed nothing.
    """
    paise = _paise(price)
    with open_course(path) as files:
        read = read_course(files, step=step, check=check_question)
        try:
            with transaction.atomic():
                return _write(read, files, instructor=instructor, paise=paise, publish=publish)
        except IntegrityError as error:  # the course's external id was free a moment ago
            raise ImportRefused(_("The same course is being imported at this moment.")) from error


def teacher_by_email(email: str) -> User:
    """Return the active user with that address who may teach; ImportRefused for anyone else."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None or not user.may_teach:
        raise ImportRefused(_("Nobody with the address %(email)s may teach here.") % {"email": email})
    return user


def _write(
    read: OlxCourse, files: CourseFiles, *, instructor: User | None, paise: int | None, publish: bool
) -> ImportReport:
    hold_learners(read)
    course, is_new = _course(read, instructor=instructor, paise=paise, publish=publish)
    modules = write_modules(course, read)
    contents = write_contents(course, read, modules, files)
    write_quizzes(course, read, contents)
    kept = remove_vanished(course, read)
    refresh_course(course.pk)
    return ImportReport(
        course_id=course.pk,
        title=course.title,
        is_new=is_new,
        is_published=course.is_published,
        blocks=read.blocks,
        left_out=read.left_out,
        kept=tuple(kept),
        missing_files=read.missing_files,
    )


def _course(read: OlxCourse, *, instructor: User | None, paise: int | None, publish: bool) -> tuple[Course, bool]:
    """Return the course's row, made or brought up to date, and whether it is new."""
    values = _values(read)
    if paise is not None:
        values["price_paise"] = paise
    if publish:
        values["is_published"] = True
    there = Course.objects.select_for_update().filter(external_id=read.external_id).first()
    if there is None:
        course = create_course(author=instructor or _default_teacher(), values=values)
        course.external_id = read.external_id
        course.save(update_fields=["external_id"])
        return course, True
    if instructor is not None and there.instructor_id != instructor.pk:
        there.instructor = instructor
        there.save(update_fields=["instructor"])
    return update_course(editor=there.instructor, course_id=there.pk, values=values), False


def _values(read: OlxCourse) -> CourseValues:
    return CourseValues(
        title=read.title[: _LONGEST["title"]],
        summary=read.summary[: _LONGEST["summary"]],
        description=read.description[: _LONGEST["description"]],
        language=read.language[: _LONGEST["language"]],
    )


def _default_teacher() -> User:
    active = User.objects.filter(is_active=True).order_by("pk")
    instructors = list(active.filter(role=Role.INSTRUCTOR)[:2])
    if len(instructors) == 1:
        return instructors[0]
    admin = active.filter(role=Role.ADMIN).first() or active.filter(is_superuser=True).first()
    if admin is None:
        raise ImportRefused(_("Say who teaches the course: there is not exactly one instructor, and no administrator."))
    return admin


def _paise(price: Decimal | None) -> int | None:
    if price is None:
        return None
    if not (price.is_finite() and 0 <= price <= Decimal(MOST_PAISE) / 100):
        raise ImportRefused(_("%(price)s is not a price.") % {"price": price})
    paise = to_paise(price)
    if 0 < paise < LEAST_PAISE:
        raise ImportRefused(PRICE_TOO_SMALL)
    return paise
