"""``manage.py chat``: one person in one room, in a terminal, over the real socket."""

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from accounts.api import User, borrowed_session
from community.chat.client import ChatClient, Refused
from community.chat.terminal import Terminal
from community.groups.models import CommunityGroup
from e_learning.core.api.errors import ApiError


class Command(BaseCommand):
    help = (
        "Talk in a course's community over the real socket, as somebody of this server's own database. For operators "
        "and demonstrations: no password is asked, the session stands in the person's list of devices and ends with "
        "the program, and in production it is refused. Lines are sent; /help lists the rest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", required=True, metavar="EMAIL", help="who speaks")
        parser.add_argument("--course", required=True, help="the course: its id, or what its title contains")
        parser.add_argument("--url", default=f"ws://127.0.0.1:{settings.PORT}", help="where the sockets are")
        parser.add_argument("--history", type=int, default=20, help="how many of the last messages are shown first")

    def handle(self, *args: Any, email: str, course: str, url: str, history: int, **options: Any) -> None:
        community = _community(course)
        address = f"{url.rstrip('/')}/ws/community/chat/{community.pk}/"
        members = User.objects.filter(memberships__community=community)
        names = {user.pk: user.full_name or user.username for user in members}
        me = User.objects.filter(email=email).values_list("pk", flat=True).first() or 0
        try:
            with borrowed_session(email=email, device_name="manage.py chat") as token:
                asyncio.run(_talk(address, token, Terminal(me, names, history, self._say), str(community)))
        except ApiError as refusal:
            raise CommandError(str(refusal.message)) from refusal
        except Refused as refusal:
            raise CommandError(f"The server does not let {email} in ({refusal}).") from refusal
        except KeyboardInterrupt:
            self._say("")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _community(course: str) -> CommunityGroup:
    found = CommunityGroup.objects.select_related("course")
    found = found.filter(course=int(course)) if course.isdecimal() else found.filter(course__title__icontains=course)
    communities = list(found[:2])
    if len(communities) != 1:
        raise CommandError(f"{'No' if not communities else 'More than one'} community of a course {course!r}.")
    return communities[0]


async def _talk(address: str, token: Callable[[], str], terminal: Terminal, title: str) -> None:
    async def fresh_token() -> str:
        return token()

    client = ChatClient(address, fresh_token, heard=terminal.show)
    terminal.sit_at(client)
    talking = asyncio.create_task(client.run())
    typing = asyncio.create_task(terminal.take_lines(sys.stdin, title))
    done, _ = await asyncio.wait({talking, typing}, return_when=asyncio.FIRST_COMPLETED)
    typing.cancel()
    await client.close()
    for task in done | {talking}:
        await task
