"""Signing a socket in: by header, by subprotocol, by a ticket that is good once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser, Session
from accounts.signin import tickets
from accounts.signin.models import SocketTicket
from accounts.signin.tasks import forget_unused_tickets
from e_learning.asgi import application
from e_learning.core.api.tokens import issue_access_token
from e_learning.core.sockets import in_thread
from tests.conftest import ClientFor
from tests.crowd import MOST_ROUNDS, crowd
from tests.factories.people import session_for, token_for
from tests.thorough import times

#: No room is there: who gets in is told so.
SIGNED_IN, NOT_SIGNED_IN = 4404, 4401

in_earnest = pytest.mark.django_db(transaction=True)


async def closed_with(query: str = "", offered: list[str] | None = None, **headers: str) -> tuple[int, str | None]:
    """Open a socket to no room; returns the code it was closed with, and the subprotocol it was accepted with."""
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    socket = WebsocketCommunicator(application, f"/ws/nothing/{query}", headers=sent, subprotocols=offered)
    accepted, subprotocol = await socket.connect(timeout=10)
    assert accepted
    output = await socket.receive_output()
    return output["code"], subprotocol


def ticket_for(client: APIClient) -> str:
    answer = client.post("/api/accounts/ws-ticket/")
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 30)
    return str(answer.json()["ticket"])


@in_earnest
async def test_a_token_opens_a_socket_by_header_or_subprotocol(bilal: CustomUser) -> None:
    token = await in_thread(token_for, bilal)

    assert await closed_with(authorization=f"Bearer {token}") == (SIGNED_IN, None)
    assert await closed_with(offered=["bearer", token]) == (SIGNED_IN, "bearer")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "Bearer x.y.z", "Bearer \xff"])
async def test_no_token_or_a_bad_one_is_told_so(header: str) -> None:
    assert await closed_with(authorization=header) == (NOT_SIGNED_IN, None)


@pytest.mark.parametrize("offered", [["bearer"], ["bearer", ""], ["bearer", "x.y.z"], ["chat"]])
async def test_a_bad_subprotocol_too_and_a_page_gets_its_subprotocol_back(offered: list[str]) -> None:
    assert await closed_with(offered=offered) == (NOT_SIGNED_IN, "bearer" if offered[0] == "bearer" else None)


@in_earnest
async def test_the_token_of_an_ended_session_or_a_disabled_account_opens_nothing(bilal: CustomUser) -> None:
    session = await in_thread(session_for, bilal)
    token = issue_access_token(user_id=bilal.pk, session_id=session.pk)
    await in_thread(Session.objects.filter(pk=session.pk).update, ended_at=timezone.now())
    assert (await closed_with(authorization=f"Bearer {token}"))[0] == NOT_SIGNED_IN

    other = await in_thread(token_for, bilal)
    await in_thread(CustomUser.objects.filter(pk=bilal.pk).update, is_active=False)
    assert (await closed_with(authorization=f"Bearer {other}"))[0] == NOT_SIGNED_IN


@in_earnest
async def test_an_expired_token_opens_nothing(bilal: CustomUser, settings: Any) -> None:
    from rest_framework_simplejwt.tokens import AccessToken

    token = AccessToken(await in_thread(token_for, bilal))  # type: ignore[arg-type]  # typed as Token
    token.set_exp(lifetime=-timedelta(seconds=1))

    assert (await closed_with(authorization=f"Bearer {token}"))[0] == NOT_SIGNED_IN


# --- tickets --------------------------------------------------------------------------------------
@in_earnest
async def test_a_ticket_opens_one_socket_once(bilal: CustomUser, client_for: ClientFor) -> None:
    ticket = await in_thread(lambda: ticket_for(client_for(bilal)))

    assert (await closed_with(f"?ticket={ticket}"))[0] == SIGNED_IN
    assert (await closed_with(f"?ticket={ticket}"))[0] == NOT_SIGNED_IN


@in_earnest
async def test_what_is_no_ticket_opens_nothing() -> None:
    for query in ("?ticket=", "?ticket=x", "?ticket=%ff%00", f"?ticket={'x' * 5000}", "?tickets=x"):
        assert (await closed_with(query))[0] == NOT_SIGNED_IN


@pytest.mark.django_db
def test_a_ticket_is_kept_as_its_digest_and_only_the_signed_in_get_one(
    bilal: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    ticket = ticket_for(client_for(bilal))

    assert ticket not in str(SocketTicket.objects.values())
    assert anonymous.post("/api/accounts/ws-ticket/").status_code == 401


@pytest.mark.django_db
def test_an_old_ticket_or_one_of_an_ended_session_is_worth_nothing(bilal: CustomUser, client_for: ClientFor) -> None:
    old, ended = ticket_for(client_for(bilal)), ticket_for(client_for(bilal))
    first = SocketTicket.objects.order_by("pk")[0]
    SocketTicket.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    Session.objects.filter(pk=SocketTicket.objects.latest("pk").session_id).end(Session.EndReason.LOGOUT)

    assert tickets.redeem_ticket(old) is None
    assert tickets.redeem_ticket(ended) is None


@pytest.mark.django_db
def test_tickets_that_nobody_used_are_swept(bilal: CustomUser, client_for: ClientFor) -> None:
    ticket_for(client_for(bilal))
    SocketTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    kept = ticket_for(client_for(bilal))

    assert forget_unused_tickets() == 1
    assert tickets.redeem_ticket(kept) is not None


def redeemed_at_once(client: APIClient, rounds: int) -> Iterator[int]:
    """Let four come with the same ticket, round after round; yields how many got in each time."""
    with crowd(4) as all_at_once:
        for _ in range(rounds):
            ticket = ticket_for(client)
            claims = all_at_once(*[lambda ticket=ticket: tickets.redeem_ticket(ticket)] * 4)
            yield sum(claim is not None for claim in claims)


@in_earnest
def test_of_many_with_the_same_ticket_at_once_one_gets_in(bilal: CustomUser, client_for: ClientFor) -> None:
    rounds = times(50, few=5)

    assert list(redeemed_at_once(client_for(bilal), rounds)) == [1] * rounds


@in_earnest
def test_without_asking_who_deleted_it_several_get_in(
    bilal: CustomUser, client_for: ClientFor, on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite lets one at a time into the transaction")
    monkeypatch.setattr(tickets, "_use_up", lambda pk: bool(SocketTicket.objects.filter(pk=pk).delete()))

    assert any(got_in > 1 for got_in in redeemed_at_once(client_for(bilal), MOST_ROUNDS))
