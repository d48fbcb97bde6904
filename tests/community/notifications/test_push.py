"""Notifications on devices: sent once Firebase has them, and to nobody whom they are not right for any more."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser, PushDevice, Session
from community.models import CommunityGroup, Membership, Notification, PushDelivery
from community.notifications import firebase, tasks
from community.notifications.services import due_push_ids, pushing, send_push, try_pushes_again
from courses.models import Enrollment
from tests.community.notifications.fcm_server import NO_TOKEN, UNREGISTERED, Fault, FcmServer
from tests.community.notifications.told import choose, tell
from tests.crowd import MOST_ROUNDS, crowd
from tests.factories.people import person, session_for
from tests.thorough import times

pytestmark = pytest.mark.django_db


@pytest.fixture
def fcm(tmp_path: Path, settings: Any) -> Iterator[FcmServer]:
    with FcmServer(tmp_path) as server:
        settings.FCM_SERVICE_ACCOUNT_FILE, settings.FCM_BASE_URL = str(server.key_file), server.url
        yield server
    firebase._account.cache_clear()


def device_of(user: CustomUser, token: str = "token", **session: Any) -> PushDevice:
    return PushDevice.objects.create(
        session=session_for(user, **session), token=token, digest=token, platform="android"
    )


@pytest.fixture
def phone(bilal: CustomUser) -> PushDevice:
    return device_of(bilal)


def queued() -> PushDelivery:
    return PushDelivery.objects.get()


def send() -> PushDelivery:
    """Have the one push sent, however long it should have waited; returns it."""
    PushDelivery.objects.filter(state="queued").update(next_attempt_at=timezone.now())
    send_push(delivery_id=queued().pk)
    return queued()


# --- what is queued -----------------------------------------------------------------------------
def test_without_a_key_file_nothing_is_queued(bilal: CustomUser, phone: PushDevice) -> None:
    tell(bilal)

    assert not PushDelivery.objects.exists()


WISHES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({"push_notifications": False}, {}, False),
    ({"notifications_enabled": False}, {}, False),
    ({"email_notifications": False, "email_digest": "off"}, {"email_notifications": False}, True),
    ({}, {"push_notifications": False}, False),
]


@pytest.mark.parametrize(("wishes", "there", "is_pushed"), WISHES)
def test_push_follows_the_settings_and_what_was_chosen_in_the_community(
    fcm: FcmServer,
    bilal: CustomUser,
    community: CommunityGroup,
    phone: PushDevice,
    wishes: dict[str, Any],
    there: dict[str, Any],
    is_pushed: bool,
) -> None:
    choose(bilal, **{"theme": "dark"} | wishes)
    Membership.objects.filter(user=bilal).update(**{"role": "member"} | there)
    tell(bilal, community_id=community.pk)

    assert PushDelivery.objects.exists() == is_pushed


def test_each_device_that_is_signed_in_gets_its_own(fcm: FcmServer, bilal: CustomUser, phone: PushDevice) -> None:
    device_of(bilal, "tablet")
    device_of(bilal, "sold", ended_at=timezone.now())
    tell(bilal)

    assert PushDelivery.objects.count() == 2


# --- what is sent -------------------------------------------------------------------------------
def test_firebase_gets_the_kind_and_ids_and_no_names(
    fcm: FcmServer, asha: CustomUser, bilal: CustomUser, community: CommunityGroup, phone: PushDevice
) -> None:
    [row] = tell(
        bilal, kind="new_mention", title="Asha says", message="words", actor_id=asha.pk, community_id=community.pk
    )
    assert send().state == "sent"

    [message] = fcm.messages
    assert message["token"] == "token"
    assert message["notification"] == {"title": "E-learning: new mention", "body": "Alphabet in Signs"}
    assert message["data"] == {
        "notification_id": str(row.pk),
        "notification_type": "new_mention",
        "community_id": str(community.pk),
    }
    assert "Asha" not in str(message)
    assert fcm.calls == ["/token", "/v1/projects/demo-school/messages:send"]


@pytest.mark.django_db(transaction=True)
def test_it_leaves_after_the_commit(fcm: FcmServer, bilal: CustomUser, phone: PushDevice) -> None:
    tell(bilal)

    assert len(fcm.messages) == 1
    assert send_push(delivery_id=queued().pk) is None


def sign_out(bilal: CustomUser) -> Any:
    return Session.objects.filter(user=bilal).update(ended_at=timezone.now())


def leave(bilal: CustomUser) -> Any:
    return Membership.objects.filter(user=bilal).update(left_at=timezone.now())


def be_banned(bilal: CustomUser) -> Any:
    return Membership.objects.filter(user=bilal).update(banned_until=timezone.now() + timedelta(days=1))


def lose_the_course(bilal: CustomUser) -> Any:
    return Enrollment.objects.filter(user=bilal).update(is_active=False)


def read_it(bilal: CustomUser) -> Any:
    return Notification.objects.update(read_at=timezone.now())


def switch_push_off(bilal: CustomUser) -> Any:
    return choose(bilal, push_notifications=False)


def switch_the_community_off(bilal: CustomUser) -> Any:
    return Membership.objects.filter(user=bilal).update(push_notifications=False)


def hand_the_phone_on(bilal: CustomUser) -> Any:
    return PushDevice.objects.update(session=session_for(person("dilip")))


def remove_the_device(bilal: CustomUser) -> Any:
    return PushDevice.objects.all().delete()


def wait_for_a_day(bilal: CustomUser) -> Any:
    return Notification.objects.update(created_at=timezone.now() - timedelta(days=1))


CHANGES = [
    sign_out, leave, be_banned, lose_the_course, read_it, switch_push_off, switch_the_community_off, hand_the_phone_on,
    remove_the_device, wait_for_a_day,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_right_any_more_when_it_is_sent_is_dropped(
    fcm: FcmServer, bilal: CustomUser, community: CommunityGroup, phone: PushDevice, change: Callable[..., Any]
) -> None:
    tell(bilal, community_id=community.pk)
    change(bilal)

    assert send().state == "dropped"
    assert fcm.calls == []


# --- what goes wrong ----------------------------------------------------------------------------
@pytest.mark.parametrize("fault", [UNREGISTERED, NO_TOKEN])
def test_a_token_that_is_gone_removes_its_device(
    fcm: FcmServer, bilal: CustomUser, phone: PushDevice, fault: Fault
) -> None:
    tell(bilal)
    fcm.faults.append(fault)

    assert send().state == "dropped"
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "fault",
    [Fault(404, message="no such page"), Fault(400, "INVALID_ARGUMENT", "bad ttl", violates="message.android.ttl")],
)
def test_a_refusal_that_is_not_about_the_token_removes_nothing(
    fcm: FcmServer, bilal: CustomUser, phone: PushDevice, fault: Fault
) -> None:
    tell(bilal)
    fcm.faults.append(fault)

    assert send().state == "failed"
    assert PushDevice.objects.exists()


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault(500, "INTERNAL"), 15),
        (Fault(503, "UNAVAILABLE", headers={"Retry-After": "90"}), 90),
        (Fault(429, "QUOTA_EXCEEDED", headers={"Retry-After": "120"}), 120),
        (Fault(429, "QUOTA_EXCEEDED", headers={"Retry-After": "soon"}), 15),
        (Fault(hang=True), 15),
    ],
)
def test_trouble_that_passes_is_waited_out(
    fcm: FcmServer, bilal: CustomUser, phone: PushDevice, fault: Fault, seconds: int
) -> None:
    tell(bilal)
    fcm.faults.append(fault)
    row = send()

    assert row.state == "queued"
    assert seconds - 5 < (row.next_attempt_at - timezone.now()).total_seconds() <= seconds
    assert due_push_ids() == []
    assert send().state == "sent"


def test_a_revoked_access_token_is_fetched_anew_once(fcm: FcmServer, bilal: CustomUser, phone: PushDevice) -> None:
    tell(bilal, key="1")
    send()
    PushDelivery.objects.all().delete()
    fcm.forget_tokens()
    tell(bilal, key="2")

    assert send().state == "sent"
    assert fcm.calls.count("/token") == 2


def test_what_never_arrives_ends_where_staff_see_it_and_can_be_tried_again(
    fcm: FcmServer, bilal: CustomUser, phone: PushDevice, admin: CustomUser, client: Client
) -> None:
    tell(bilal)
    for _ in range(pushing.MOST_ATTEMPTS):
        fcm.faults.append(Fault(500))
        row = send()
    assert (row.state, row.last_error) == ("failed", "500")

    client.force_login(admin, backend="accounts.signin.backends.LimitedBackend")
    page = client.post(
        "/admin/community/pushdelivery/", {"action": "send_again", "_selected_action": [row.pk]}, follow=True
    )
    assert page.status_code == 200
    assert due_push_ids() == [row.pk]
    assert send().state == "sent"
    assert try_pushes_again(delivery_ids=[row.pk]) == 0


def test_a_sender_that_died_leaves_it_to_the_sweep(fcm: FcmServer, bilal: CustomUser, phone: PushDevice) -> None:
    tell(bilal)
    PushDelivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1), attempts=1)
    tasks.sweep_notifications()

    assert queued().state == "sent"


def test_queueing_costs_the_same_for_one_and_for_many(fcm: FcmServer, bilal: CustomUser, phone: PushDevice) -> None:
    people = [person(f"learner{number}") for number in range(10)]
    for one in people:
        device_of(one, one.username)
    costs = []
    for key, some in (("a", people[:1]), ("b", people)):
        with CaptureQueriesContext(connection) as statements:
            tell(*some, key=key)
        costs.append(len(statements))

    assert costs[0] == costs[1]


@pytest.mark.django_db(transaction=True)
def test_of_two_senders_one_sends(fcm: FcmServer, bilal: CustomUser, phone: PushDevice) -> None:
    assert set(sent_at_once(fcm, bilal, times(20, few=4))) == {1}


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_it_is_sent_twice(
    fcm: FcmServer, bilal: CustomUser, phone: PushDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "_claimed", lambda delivery_id, now: PushDelivery.objects.get(pk=delivery_id))

    assert any(sent > 1 for sent in sent_at_once(fcm, bilal, MOST_ROUNDS))


def sent_at_once(fcm: FcmServer, bilal: CustomUser, rounds: int) -> Iterator[int]:
    """Send the same push from four threads at once; yields how many messages each round brought to Firebase."""
    row = tell(bilal)[0]
    with crowd(4) as all_at_once:
        for _ in range(rounds):
            PushDelivery.objects.all().delete()
            fcm.messages.clear()
            push = PushDelivery.objects.create(
                notification=row, device=PushDevice.objects.get(), next_attempt_at=timezone.now()
            )
            all_at_once(*[lambda pk=push.pk: send_push(delivery_id=pk)] * 4)
            yield len(fcm.messages)
