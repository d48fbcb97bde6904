"""After a test that commits, the next one finds the database as the migrations left it (tests/flush.py)."""

from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from tests import flush
from tests.factories.courses import enroll, make_content, make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db(transaction=True)
MADE_BY_MIGRATIONS: set[type[Model]] = {ContentType, Permission, Group, Group.permissions.through}


def rows() -> Counter[str]:
    return Counter(
        {
            model._meta.label: model._base_manager.count()
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed
        }
    )


def after_the_test() -> None:
    TransactionTestCase("__init__")._fixture_teardown()  # type: ignore[attr-defined]  # left out of its stubs


def test_nothing_of_a_test_is_left(asha: CustomUser, bilal: CustomUser) -> None:
    course = make_course(asha)
    make_content(course.modules.get(), title="A taste")
    enroll(bilal, course)
    bilal.groups.add(Group.objects.get(name="instructor"))
    before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in MADE_BY_MIGRATIONS}

    after_the_test()

    assert set(+rows()) == {model._meta.label for model in MADE_BY_MIGRATIONS}
    assert before == {model: set(model._base_manager.values_list("pk", flat=True)) for model in MADE_BY_MIGRATIONS}


def test_what_migrations_made_is_made_again_where_a_test_took_it() -> None:
    groups = set(Group.objects.values_list("name", flat=True))
    permissions = set(Permission.objects.values_list("content_type__app_label", "codename"))
    Group.objects.get(name="instructor").delete()
    Permission.objects.filter(codename="view_course").delete()
    person("bilal")

    after_the_test()

    assert set(Permission.objects.values_list("content_type__app_label", "codename")) == permissions
    assert Group.objects.get(name="instructor").permissions.filter(codename="view_course").exists()
    assert set(Group.objects.values_list("name", flat=True)) == groups
    assert not CustomUser.objects.exists()


def test_what_a_test_added_to_what_migrations_made_is_gone() -> None:
    Group.objects.create(name="prefects")
    Group.objects.get(name="instructor").permissions.clear()

    after_the_test()

    assert not Group.objects.filter(name="prefects").exists()
    assert Group.objects.get(name="instructor").permissions.exists()


def test_only_tables_with_rows_are_deleted_from(asha: CustomUser) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        flush.empty_what_was_filled()
    deleted = {query["sql"].split('"')[1] for query in asked.captured_queries if query["sql"].startswith("DELETE")}
    assert deleted == {"accounts_customuser", "accounts_usersettings"}
