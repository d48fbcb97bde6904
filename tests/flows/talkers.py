"""Who talks in the storms, written into the database of a platform that runs beside the tests, and what it holds.

    python -m tests.flows.talkers seat PEOPLE ROOMS      communities, their members and a token for each
    python -m tests.flows.talkers held COMMUNITY…        what is stored in those communities

Run as a program, with the environment of that platform: the tests themselves have another database.
"""

import json
import os
import sys
from typing import Any


def seat(people: int, rooms: int) -> dict[str, Any]:
    """Make ``rooms`` communities with ``people`` members between them; the tokens of each community's members."""
    from tests.factories.communities import join, make_community
    from tests.factories.courses import make_course
    from tests.factories.people import person, token_for

    run = os.urandom(4).hex()
    asha = person(f"asha-{run}", role="instructor")
    communities = [make_community(make_course(asha, contents=1, title=f"Course {n}")) for n in range(rooms)]
    seats: dict[int, list[str]] = {community.pk: [] for community in communities}
    for number in range(people):
        somebody, community = person(f"learner{number}-{run}"), communities[number % rooms]
        join(somebody, community)
        seats[community.pk].append(token_for(somebody))
    return {"seats": seats}


def held(*communities: int) -> dict[str, Any]:
    """Return each community's last number and its messages in the order in which they were sent."""
    from community.models import ChatRoom, Message

    fields = ("pk", "seq", "sent_seq", "client_id", "text", "deleted_at")
    rows = Message.objects.order_by("sent_seq")
    return {
        str(room.community_id): {
            "last_seq": room.last_seq,
            "messages": [
                {**message, "client_id": str(message["client_id"]), "deleted_at": message["deleted_at"] is not None}
                for message in rows.filter(room=room).values(*fields)
            ],
        }
        for room in ChatRoom.objects.filter(community__in=communities)
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")
    import django

    django.setup()
    numbers = [int(number) for number in sys.argv[2:]]
    sys.stdout.write(json.dumps(seat(*numbers) if sys.argv[1] == "seat" else held(*numbers)))
