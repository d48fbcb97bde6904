"""What the staff group ``instructor`` may do in the back office. Which rows they see there is each page's own rule."""

from typing import Any

from django.contrib.auth.models import Group, Permission

_MAY_WRITE = ("course", "module", "content")
_MAY_MEND = ("quiz", "question", "answerkey", "questionoption", "subtitle", "essayanswer")
_MAY_READ = ("category", "enrollment", "progress", "quizattempt", "quizanswer", "asset", "review", "accessgrant")


def let_instructors_work(**kwargs: Any) -> None:
    """Give the group its permissions; run after migrations, because permissions are made there."""
    names = [f"{verb}_{model}" for model in _MAY_WRITE for verb in ("view", "add", "change", "delete")]
    names += [f"{verb}_{model}" for model in _MAY_MEND for verb in ("view", "change")]
    names += [f"view_{model}" for model in _MAY_READ]
    group, _is_new = Group.objects.get_or_create(name="instructor")
    group.permissions.add(*Permission.objects.filter(content_type__app_label="courses", codename__in=names))
