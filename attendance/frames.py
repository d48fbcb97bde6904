"""Every frame of a session's attendance socket (API §5). ``docs/asyncapi.json`` is generated from these."""

import msgspec


# --- from the client ----------------------------------------------------------------------------
class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    pass


# --- from the server ----------------------------------------------------------------------------
class AttendanceCount(msgspec.Struct, frozen=True, tag_field="type", tag="attendance_count"):
    """How many the register has as what. ``total`` is the whole roll: who is not marked yet, too."""

    present: int
    late: int
    absent: int
    excused: int
    total: int


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    pass


AttendanceServerFrame = AttendanceCount | Pong
