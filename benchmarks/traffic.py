"""The requests of each scenario, made beforehand so that sending them costs the generator nothing."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: The floor answers the course page in two ways, under two prefixes; the product has one.
KEPT, BUILT = "/kept", "/built"
PROGRESS = "/api/courses/progress/update/"


@dataclass(frozen=True, slots=True)
class School:
    """Who there is to ask, and what for: a token a user, the contents of each course, who is enrolled in what."""

    tokens: dict[int, str]
    contents: dict[int, list[int]]
    enrollments: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request but for the prefix of its path."""

    method: str
    path: str
    token: str | None = None
    body: bytes = b""

    def encoded(self, prefix: str = "") -> bytes:
        lines = [f"{self.method} {prefix}{self.path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def heartbeats(school: School, count: int, dice: random.Random) -> list[Asked]:
    """Progress of enrolled learners somewhere in a content; none of them completes it, as most don't."""
    asked = []
    for _number in range(count):
        user, course = dice.choice(school.enrollments)
        spent = dice.randrange(1, 200)
        body = {"content_id": dice.choice(school.contents[course]), "last_position": spent, "time_spent": spent}
        asked.append(Asked("POST", PROGRESS, school.tokens[user], json.dumps(body).encode()))
    return asked


def visits(school: School, count: int, dice: random.Random) -> list[Asked]:
    """Course pages asked for without a token."""
    courses = list(school.contents)
    return [Asked("GET", _page(dice.choice(courses))) for _number in range(count)]


def returns(school: School, count: int, dice: random.Random) -> list[Asked]:
    """Course pages asked for by learners who are enrolled in the course and have completed a part of it."""
    chosen = dice.choices(school.enrollments, k=count)
    return [Asked("GET", _page(course), school.tokens[user]) for user, course in chosen]


def _page(course: int) -> str:
    return f"/api/courses/courses/{course}/"


def write_requests(file: Path, requests: Sequence[bytes]) -> Path:
    """Write each request behind its length, the form that both generators read."""
    file.write_bytes(b"".join(b"%d\n%s" % (len(request), request) for request in requests))
    return file


def read_requests(file: Path) -> list[bytes]:
    data, requests, at = file.read_bytes(), [], 0
    while at < len(data):
        line = data.index(b"\n", at)
        length = int(data[at:line])
        requests.append(data[line + 1 : line + 1 + length])
        at = line + 1 + length
    return requests
