"""Hot statements leave Django's cursor out and keep all that matters of it."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from accounts.models import CustomUser
from e_learning.core.statements import planned_for_their_values, row_of

pytestmark = pytest.mark.django_db


def test_it_gives_the_first_row_or_none(bilal: CustomUser) -> None:
    statement = "SELECT id, full_name FROM accounts_customuser WHERE id = %(id)s"
    assert row_of(statement, {"id": bilal.pk}) == (bilal.pk, "Bilal")
    assert row_of(statement, {"id": bilal.pk + 1}) is None


def test_it_sees_and_belongs_to_the_transaction_in_hand(bilal: CustomUser) -> None:
    rename = "UPDATE accounts_customuser SET full_name = %(name)s WHERE id = %(id)s RETURNING full_name"
    with transaction.atomic():
        assert row_of(rename, {"name": "B.", "id": bilal.pk}) == ("B.",)
        transaction.set_rollback(True)
    bilal.refresh_from_db()
    assert bilal.full_name == "Bilal"


def test_errors_are_djangos_and_break_the_transaction_as_ever(bilal: CustomUser) -> None:
    clash = "UPDATE accounts_customuser SET id = NULL WHERE id = %(id)s RETURNING id"
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            row_of(clash, {"id": bilal.pk})
        assert row_of("SELECT 1 WHERE 1 = %(one)s", {"one": 1}) == (1,)
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            row_of("SELECT 1 WHERE 1 = %(one)s", {"one": 1})
        transaction.set_rollback(False)


def test_those_who_count_statements_hear_of_it(django_assert_num_queries: Any) -> None:
    heard = []

    def listen(execute: Any, sql: str, *rest: Any) -> Any:
        heard.append(sql)
        return execute(sql, *rest)

    with django_assert_num_queries(1):
        row_of("SELECT 1 WHERE 1 = %(one)s", {"one": 1})
    with connection.execute_wrapper(listen):
        row_of("SELECT 1 WHERE 1 = %(one)s", {"one": 1})
    assert heard == ["SELECT 1 WHERE 1 = %(one)s"]


def test_a_statement_planned_for_its_values_is_never_prepared(on_postgresql: bool) -> None:
    def times_prepared(text: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{text}%"])
            return int(cursor.fetchone()[0])

    if not on_postgresql:
        pytest.skip("SQLite keeps no plans between statements")
    for _time in range(5):
        with planned_for_their_values(), connection.cursor() as cursor:
            cursor.execute("SELECT %s AS planned_each_time", [1])
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s AS planned_once", [1])
    assert (times_prepared("planned_each_time"), times_prepared("planned_once")) == (0, 1)
