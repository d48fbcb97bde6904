"""Mail is a row written beside what caused it, and is sent once, however often that takes."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail as outbox
from django.db import transaction
from django.utils import timezone, translation

from e_learning.core import mail
from e_learning.core.mail import Letter, due_mail_ids, queue_mail, send_queued_mail, try_again, writes_mail
from e_learning.core.models import OutgoingMail
from e_learning.core.tasks import sweep_mail
from tests.core.stand_ins import all_at_once, free_port

State = OutgoingMail.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def greeting() -> Iterator[None]:
    """A kind of mail of the tests alone; nobody writes to strangers."""

    @writes_mail("greeting")
    def write(row: OutgoingMail) -> Letter | None:
        if row.recipient.startswith("stranger"):
            return None
        return Letter(f"Hello {row.context.get('name', '')}", str(translation.gettext("This field is required.")))

    yield
    del mail._writers["greeting"]


def waiting(**fields: Any) -> OutgoingMail:
    """Return a queued row that no sender was woken for."""
    values = {"kind": "greeting", "recipient": "bilal@demo.school", "next_attempt_at": timezone.now()}
    return OutgoingMail.objects.create(**(values | fields))


def again(row: OutgoingMail) -> OutgoingMail:
    return OutgoingMail.objects.get(pk=row.pk)


@pytest.fixture
def broken_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


@pytest.mark.django_db(transaction=True)
def test_mail_leaves_after_the_commit() -> None:
    with transaction.atomic():
        row = queue_mail(kind="greeting", recipient="bilal@demo.school", context={"name": "Bilal"})
        assert outbox.outbox == []

    assert [(message.subject, message.to) for message in outbox.outbox] == [("Hello Bilal", ["bilal@demo.school"])]
    assert again(row).state == State.SENT
    assert again(row).sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_rolled_back_mail_never_was() -> None:
    with transaction.atomic():
        queue_mail(kind="greeting", recipient="bilal@demo.school")
        transaction.set_rollback(True)

    assert outbox.outbox == []
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_mail_speaks_the_language_it_was_asked_in() -> None:
    with translation.override("hi"):
        queue_mail(kind="greeting", recipient="bilal@demo.school")
    queue_mail(kind="greeting", recipient="asha@demo.school")

    assert [message.body == "This field is required." for message in outbox.outbox] == [False, True]


def test_mail_that_nobody_should_get_is_dropped() -> None:
    row = waiting(recipient="stranger@nowhere.example")

    assert send_queued_mail(row.pk) == State.DROPPED
    assert outbox.outbox == []
    assert again(row).sent_at is None


@pytest.mark.usefixtures("broken_server")
def test_a_failed_mail_is_tried_again_with_growing_pauses() -> None:
    row = waiting()
    pauses = []
    for _ in range(mail.MOST_ATTEMPTS):
        OutgoingMail.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
        before = timezone.now()
        send_queued_mail(row.pk)
        pauses.append((again(row).next_attempt_at - before).total_seconds())

    assert [round(pause / 30) for pause in pauses] == [1, 2, 4, 8, 16, 32, 64, 128]
    assert again(row).state == State.FAILED
    assert "ConnectionRefusedError" in again(row).last_error
    assert due_mail_ids() == []


@pytest.mark.usefixtures("broken_server")
def test_a_mail_that_waits_is_left_alone_until_its_time() -> None:
    row = waiting()

    assert send_queued_mail(row.pk) == State.QUEUED
    assert send_queued_mail(row.pk) is None
    assert due_mail_ids() == []
    assert again(row).attempts == 1


@pytest.mark.usefixtures("broken_server")
def test_a_failed_mail_can_be_queued_again_by_hand() -> None:
    failed, sent = waiting(state=State.FAILED, attempts=8), waiting(state=State.SENT)

    assert try_again(mail_ids=[failed.pk, sent.pk]) == 1

    assert due_mail_ids() == [failed.pk]
    assert again(sent).state == State.SENT


def test_a_kind_that_nobody_writes_waits_for_its_writer() -> None:
    row = waiting(kind="unheard")

    assert send_queued_mail(row.pk) == State.QUEUED
    assert "KeyError" in again(row).last_error


def test_a_line_break_in_a_subject_is_no_header() -> None:
    row = waiting(context={"name": "Bilal\r\nBcc: chitra@demo.school"})

    send_queued_mail(row.pk)

    assert outbox.outbox == []
    assert "BadHeaderError" in again(row).last_error


class Killed(BaseException):
    """The process ends here, as by a signal: nothing after it runs."""


def test_mail_of_a_sender_that_died_is_found_by_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    row = waiting()

    def die(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(mail, "_send", die)
        with pytest.raises(Killed):
            send_queued_mail(row.pk)

    assert sweep_mail() == 0  # still the dead sender's
    OutgoingMail.objects.filter(pk=row.pk).update(next_attempt_at=again(row).next_attempt_at - mail.CLAIM)
    assert sweep_mail() == 1
    assert again(row).state == State.SENT
    assert len(outbox.outbox) == 1


def test_the_sweep_sends_the_oldest_first() -> None:
    now = timezone.now()
    rows = [waiting(next_attempt_at=now - timedelta(minutes=minutes)) for minutes in (1, 3, 2, -1)]

    assert due_mail_ids() == [rows[1].pk, rows[2].pk, rows[0].pk]


def test_a_sender_that_outlived_its_claim_does_not_queue_again_what_another_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = waiting()

    def fail_after_the_other_sent(late: OutgoingMail) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(mail, "_send", send)
            OutgoingMail.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
            assert send_queued_mail(row.pk) == State.SENT
        raise smtplib.SMTPServerDisconnected

    send = mail._send
    monkeypatch.setattr(mail, "_send", fail_after_the_other_sent)
    send_queued_mail(row.pk)

    assert again(row).state == State.SENT
    assert len(outbox.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_senders_at_once_send_once() -> None:
    row = waiting()

    results = all_at_once(8, lambda: send_queued_mail(row.pk))

    assert sorted(results, key=str) == [None] * 7 + [State.SENT]
    assert len(outbox.outbox) == 1
    assert again(row).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_senders_at_once_send_many_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race with its guard taken away: the row is read, and nothing says that it is being sent."""
    row = waiting()

    all_at_once(8, lambda: mail._send(OutgoingMail.objects.get(pk=row.pk)))

    assert len(outbox.outbox) == 8


# --- over the wire ------------------------------------------------------------------------------


class Postbox:
    """What a mail server does with what it is handed."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.answer.startswith("250"):
            self.letters.append(envelope.content.decode())
        return self.answer


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """A real SMTP server on loopback, set as ours."""
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    yield box
    server.stop()


def test_mail_goes_over_the_wire_under_an_id_of_its_own(postbox: Postbox, settings: Any) -> None:
    settings.PUBLIC_URL = "https://school.example:8443/learn"
    row = waiting(context={"name": "बिलाल"})

    assert send_queued_mail(row.pk) == State.SENT

    (letter,) = postbox.letters
    assert f"Message-ID: <mail-{row.pk}@school.example>" in letter
    assert "To: bilal@demo.school" in letter
    assert "From: E-learning <no-reply@localhost>" in letter
    assert letter.count("Date: ") == 1


def test_mail_that_the_server_refuses_waits_and_says_why(postbox: Postbox) -> None:
    postbox.answer = "451 come back later"
    row = waiting()

    assert send_queued_mail(row.pk) == State.QUEUED
    assert "come back later" in again(row).last_error

    postbox.answer = "250 OK"
    OutgoingMail.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    assert send_queued_mail(row.pk) == State.SENT
    assert len(postbox.letters) == 1
