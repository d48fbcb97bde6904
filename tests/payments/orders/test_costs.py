"""Statements a request, BEGIN, COMMIT and the look at the session included. The gateway is asked over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course
from tests.payments.factories import make_coupon, paid_course
from tests.payments.orders.calls import CREATE, PAYMENTS, VERIFY, ordered, paid
from tests.payments.razorpay_server import RazorpayServer

#: In transactions of their own, so that BEGIN and COMMIT count too.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tasks_wait")]


def cost(call: Any, *arguments: Any) -> int:
    with CaptureQueriesContext(connection) as statements:
        answer = call(*arguments)
    assert answer.status_code < 300, answer.content
    return len(statements)


def test_ordering(razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, course: Course) -> None:
    make_coupon(max_uses=10, max_uses_per_user=5)
    with_coupon = {"course_id": paid_course(asha).pk, "coupon_code": "DIWALI20"}
    taken = [cost(bilals.post, CREATE, body) for body in ({"course_id": course.pk}, with_coupon, with_coupon)]
    assert taken == [8, 12, 4]


def test_verifying(razorpay: RazorpayServer, bilals: APIClient, course: Course) -> None:
    checkout = paid(razorpay, ordered(bilals, course_id=course.pk))
    assert [cost(bilals.post, VERIFY, checkout) for _time in range(2)] == [14, 3]


def test_list_of_payments(razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser) -> None:
    taken = []
    for _row in range(3):
        ordered(bilals, course_id=paid_course(asha).pk)
        taken.append(cost(bilals.get, PAYMENTS))
    assert taken == [3, 3, 3]
