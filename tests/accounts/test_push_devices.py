"""Devices that push reaches: registered by the app that is signed in, and nobody else's to remove."""

import pytest

from accounts.api import live_push_device, push_devices_of
from accounts.models import CustomUser, PushDevice, Session
from accounts.signin.push_devices import MOST_OF_A_SESSION, register_push_device
from tests.conftest import ClientFor
from tests.crowd import crowd
from tests.factories.people import session_for
from tests.thorough import times

pytestmark = pytest.mark.django_db
DEVICES = "/api/accounts/devices/"
PHONE = {"token": "fcm-token", "platform": "android"}


def test_a_device_is_registered_once(client_for: ClientFor, bilal: CustomUser) -> None:
    client = client_for(bilal)
    first, again = client.post(DEVICES, PHONE), client.post(DEVICES, PHONE)

    assert (first.status_code, again.status_code) == (201, 201)
    assert set(first.json()) == {"id", "platform", "created_at"}
    assert first.json() == again.json()
    assert push_devices_of([bilal.pk]) == {bilal.pk: [first.json()["id"]]}


@pytest.mark.parametrize(
    "body", [{}, {"token": "x"}, {"token": "", "platform": "ios"}, {"token": "x", "platform": "toaster"}]
)
def test_what_is_no_device_is_refused(client_for: ClientFor, bilal: CustomUser, body: dict[str, str]) -> None:
    assert client_for(bilal).post(DEVICES, body).status_code == 400


def test_a_token_moves_to_who_registers_it_last(client_for: ClientFor, bilal: CustomUser, chitra: CustomUser) -> None:
    client_for(bilal).post(DEVICES, PHONE)
    moved = client_for(chitra).post(DEVICES, PHONE).json()

    assert push_devices_of([bilal.pk, chitra.pk]) == {chitra.pk: [moved["id"]]}
    assert client_for(bilal).delete(f"{DEVICES}{moved['id']}/").status_code == 404


def test_one_removes_own_devices_alone(client_for: ClientFor, bilal: CustomUser, chitra: CustomUser) -> None:
    made = client_for(bilal).post(DEVICES, PHONE).json()

    assert client_for(chitra).delete(f"{DEVICES}{made['id']}/").status_code == 404
    assert client_for(bilal).delete(f"{DEVICES}{made['id']}/").status_code == 204
    assert client_for(bilal).delete(f"{DEVICES}{made['id']}/").status_code == 404


def test_signed_out_is_silent(bilal: CustomUser) -> None:
    session = session_for(bilal)
    device = register_push_device(session=session, token="x", platform="ios")
    assert live_push_device(device.pk) is not None
    Session.objects.filter(pk=session.pk).end("logout")

    assert live_push_device(device.pk) is None
    assert push_devices_of([bilal.pk]) == {}


def test_a_session_keeps_its_latest_tokens(bilal: CustomUser) -> None:
    session = session_for(bilal)
    for number in range(MOST_OF_A_SESSION + 3):
        register_push_device(session=session, token=str(number), platform="web")

    assert sorted(PushDevice.objects.values_list("token", flat=True)) == ["3", "4", "5", "6", "7"]


@pytest.mark.django_db(transaction=True)
def test_registered_at_once_is_one_device(bilal: CustomUser) -> None:
    session = session_for(bilal)
    with crowd(4) as all_at_once:
        for number in range(times(20, few=4)):
            token = f"token-{number}"
            all_at_once(*[lambda token=token: register_push_device(session=session, token=token, platform="web")] * 4)
            assert PushDevice.objects.filter(token=token).count() == 1
