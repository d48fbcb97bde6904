"""Groups of staff, and what each may do with the tables of an app in the back office."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_migrate

#: By group and verb (view, add, change, delete) the tables, by the names of their models in lower case.
Allowed = Mapping[str, Mapping[str, Sequence[str]]]


def keep_staff_groups(app: AppConfig, allowed: Allowed) -> None:
    """Have every group its permissions in ``app`` after each run of migrations: they are made there."""

    def give(**kwargs: Any) -> None:
        for name, verbs in allowed.items():
            group, _is_new = Group.objects.get_or_create(name=name)
            names = [f"{verb}_{model}" for verb, models in verbs.items() for model in models]
            group.permissions.add(*Permission.objects.filter(content_type__app_label=app.label, codename__in=names))

    post_migrate.connect(give, sender=app, weak=False)
