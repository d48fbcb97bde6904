"""Frames that no client of ours sends."""

import os
from random import Random
from typing import NamedTuple


class Bad(NamedTuple):
    """``data`` is sent as a text frame, or as a binary one."""

    data: bytes
    is_text: bool = True


_WRONG = [
    "null",
    "3",
    "[]",
    "{}",
    "NaN",
    '"shout"',
    '{"type": 5}',
    '{"type": "nobody"}',
    '{"type": "shout"}',
    '{"type": "shout", "text": null}',
    '{"type": "shout", "text": "\\u0000"}',
    '{"type": "shout", "text": "\\ud800"}',
    '{"type": "shout", "text": "\x00"}',
    '{"type": "shout", "text": "a", "size": "b"}',
    '{"type": "shout", "text": "a", "client_id": {"a": [1]}}',
    '{"type": "look_at", "thing_id": 1e400}',
    '{"type": "look_at", "thing_id": 1.5}',
    '{"type": "look_at", "thing_id": -1}',
    '{"type": "look_at", "thing_id": 0}',
    '{"type": "look_at", "thing_id": 9223372036854775808}',
    '{"type": "look_at", "thing_id": ' + "9" * 4000 + "}",
    '{"type": "look_at", "type": "look_at"}',
    "[" * 8000,
    "[" * 4000 + "]" * 4000,
    '{"a":' * 2500,
    '{"type": "look_at", "thing_id": ' + "[" * 3000 + "]" * 3000 + "}",
]
_RIGHT = '{"type": "look_at", "thing_id": 7, "client_id": "4d1c2a30-8f4e-4c39-9d0e-0c4cf6a9bb6d"}'


def bad_frame(random: Random) -> Bad:
    """Return one of many kinds of broken frame; what it is follows from ``random`` alone, but for random bytes."""
    kind = random.randrange(7)
    if kind == 0:
        return Bad(os.urandom(random.randrange(200)), is_text=False)
    if kind == 1:
        return Bad("".join(chr(random.randrange(0xD800)) for _ in range(random.randrange(100))).encode())
    if kind == 2:
        return Bad(_RIGHT[: random.randrange(len(_RIGHT))].encode())
    if kind == 3:
        right = bytearray(_RIGHT.encode())
        right[random.randrange(len(right))] = random.randrange(128)
        return Bad(bytes(right))
    if kind == 4 and random.random() < 0.05:
        return Bad(b"\xff\xfe" + os.urandom(20))  # no UTF-8: the protocol itself is broken
    if kind == 5 and random.random() < 0.02:
        return Bad(b"x" * random.choice([16_385, 17_000, 100_000, 10_000_000]))
    return Bad(random.choice(_WRONG).encode())
