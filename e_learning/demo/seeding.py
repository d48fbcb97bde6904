"""The demo school as rows: four people, three courses, one enrolment, three plans, two communities that talk.

Safe to run any number of times.
"""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files import File
from django.core.files.storage import Storage
from django.core.management.base import OutputWrapper
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import CustomUser, UserSettings
from accounts.users.models import Role
from community.chat.services import Draft, post_message, room_of_community
from community.groups.services import create_group, join_group
from community.models import CommunityGroup
from community.posts.services import create_post
from courses.assessment.services import add_questions
from courses.assessment.services.authoring import draft_from
from courses.catalogue.search import index_course
from courses.catalogue.text import render_text
from courses.languages.cues import read_subtitles
from courses.languages.services import keep_subtitles
from courses.learning.services import enroll_learner
from courses.models import Category, Content, Course, Module, Quiz
from e_learning.core.money import to_paise
from e_learning.demo import alphabet, numbers_in_signs, outline, plans, spoken_english
from e_learning.demo.talk import TALKS, Talk
from payments.models import Plan

DOMAIN = "demo.school"
PEOPLE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("asha", "teaches", {"role": "instructor", "is_staff": True}),
    ("bilal", 'learns; enrolled in "Alphabet in Signs"', {"native_language": "hi"}),
    ("chitra", "is signed in and enrolled in nothing", {}),
    ("admin", "administers", {"role": "admin", "is_staff": True, "is_superuser": True}),
)
COURSES = {
    "demo:alphabet": alphabet.COURSE,
    "demo:spoken-english": spoken_english.COURSE,
    "demo:numbers": numbers_in_signs.COURSE,
}


def seed_if_empty(out: OutputWrapper) -> None:
    """Seed a database that nobody has used yet, and say who is there; never in production."""
    if settings.PRODUCTION:
        return
    if not CustomUser.objects.exists():
        seed_demo_school()
    if CustomUser.objects.filter(email=f"asha@{DOMAIN}").exists():
        say_who(out)


def say_who(out: OutputWrapper) -> None:
    """Print the accounts and the one password, as scripts expect it (API §9)."""
    for name, does, _fields in PEOPLE:
        out.write(f"  {f'{name}@{DOMAIN}':<20} {name.title()} {does}\n")
    out.write(f"Demo password: {settings.DEMO_PASSWORD}\n")
    out.flush()


@transaction.atomic
def seed_demo_school() -> None:
    """Make what is missing of the demo school; what is there already stays as people have changed it."""
    people = {name: _person(name, fields) for name, _does, fields in PEOPLE}
    for external_id, course in COURSES.items():
        if not Course.objects.filter(external_id=external_id).exists():
            _make_course(external_id, course, people["asha"])
    free = Course.objects.get(external_id="demo:alphabet")
    enroll_learner(learner=people["bilal"], course_id=free.pk)
    for external_id, talk in TALKS.items():
        _make_talk(Course.objects.get(external_id=external_id), talk, people)
    if not Plan.objects.exists():
        Plan.objects.bulk_create(_plan(order, described) for order, described in enumerate(plans.PLANS, start=1))


def _person(name: str, fields: dict[str, Any]) -> CustomUser:
    email = f"{name}@{DOMAIN}"
    found = CustomUser.objects.filter(email=email).first()
    if found is not None:
        return found
    user = CustomUser.objects.create_user(
        email, settings.DEMO_PASSWORD, username=name, full_name=name.title(), email_verified=True, **fields
    )
    UserSettings.objects.create(user=user)
    if user.role == Role.INSTRUCTOR:
        user.groups.add(Group.objects.get(name="instructor"))
    return user


def _make_course(external_id: str, described: outline.Course, instructor: CustomUser) -> None:
    course = Course.objects.create(
        instructor=instructor,
        external_id=external_id,
        title=described.title,
        summary=described.summary,
        description=described.description,
        price_paise=to_paise(described.price),
        category=_category(described.category),
        level=described.level,
        language=described.language,
        subject=described.subject,
        learning_objectives=list(described.learning_objectives),
        is_published=described.is_published,
        published_at=timezone.now() if described.is_published else None,
    )
    _put(course, "thumbnail", described.thumbnail)
    for order, module in enumerate(described.modules, start=1):
        _make_module(course, order, module)
    contents = Content.objects.filter(module__course=course)
    course.content_count = contents.count()
    course.duration = sum(content.video_duration or 0 for content in contents)
    course.save(update_fields=["content_count", "duration"])
    index_course(course.pk)


def _make_talk(course: Course, talk: Talk, people: dict[str, CustomUser]) -> None:
    """Open the community and let people talk, through the services that they would use themselves."""
    if not course.is_published or CommunityGroup.objects.filter(course=course).exists():
        return
    group = create_group(admin=people["admin"], course_id=course.pk, values={"description": talk.description})
    community_id, teacher = group.pk, people["asha"]
    for name in talk.members:
        join_group(user=people[name], community_id=community_id)
    first = create_post(author=teacher, community_id=community_id, title=talk.title, content=talk.welcome)
    for name, reply in talk.replies:
        create_post(author=people[name], community_id=community_id, content=reply, parent_id=first.pk)
    room_id, sent = room_of_community(community_id), list[int]()
    for said in talk.chat:
        answered = None if said.answers is None else sent[said.answers]
        draft = Draft(room_id=room_id, sender_id=people[said.by].pk, text=said.text, reply_to_id=answered)
        sent.append(post_message(draft).message_id)


def _plan(order: int, described: plans.Plan) -> Plan:
    values = asdict(described)
    price, features = values.pop("price"), list(values.pop("features"))
    return Plan(**values, price_paise=to_paise(price), features=features, order=order)


def _category(path: tuple[str, ...]) -> Category | None:
    place: Category | None = None
    for name in path:
        place, _is_new = Category.objects.get_or_create(slug=slugify(name), defaults={"name": name, "parent": place})
    return place


def _make_module(course: Course, order: int, described: outline.Module) -> None:
    module = Module.objects.create(course=course, title=described.title, description=described.description, order=order)
    for place, content in enumerate(described.contents, start=1):
        _make_content(module, place, content)


def _make_content(module: Module, order: int, described: outline.Content) -> None:
    content = Content.objects.create(
        module=module,
        order=order,
        title=described.title,
        section=described.section,
        content_type=described.content_type,
        text_content=described.text_content,
        text_html=render_text(described.text_content),
        video_duration=described.video_duration,
        topic=described.topic,
        subject=module.course.subject,
        is_preview=described.is_preview,
    )
    for field in ("video_file", "poster", "document"):
        _put(content, field, getattr(described, field))
    for language, name in described.subtitles:
        cues = read_subtitles((outline.MEDIA / name).read_bytes(), name=name)
        keep_subtitles(content=content, language=language, cues=cues)
    if described.quiz:
        _make_quiz(content, described.quiz)


def _make_quiz(content: Content, described: outline.Quiz) -> None:
    quiz = Quiz.objects.create(
        content=content,
        title=described.title,
        passing_score=described.passing_score,
        time_limit=described.time_limit,
        max_attempts=described.max_attempts,
    )
    add_questions(quiz=quiz, drafts=[draft_from(asdict(question)) for question in described.questions])


def _put(row: Course | Content, field: str, name: str) -> None:
    """Give the row its file, under the demo's own name, so that a second school in the same store shares it."""
    if not name:
        return
    stored = f"demo/{name}"
    storage: Storage = row._meta.get_field(field).storage  # type: ignore[union-attr]  # these are file fields
    if not storage.exists(stored):
        with (outline.MEDIA / name).open("rb") as file:
            stored = storage.save(stored, File(file))
    setattr(row, field, stored)
    row.save(update_fields=[field])
