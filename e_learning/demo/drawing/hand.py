"""A right hand in three dimensions, drawn as shaded discs from back to front.

The hand's own frame: x to the thumb's side, y along the fingers, z out of the palm; the wrist is the origin
and a finger is about 0.5 thick. Unturned, the palm faces the reader, as it faces the person you sign to.
Discs sorted by depth hide each other as fingers do; a darker, larger disc a little behind each one makes the outline.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

SKIN: Colour = (222, 158, 115)
SKIN_LIGHT: Colour = (241, 188, 146)
NAIL: Colour = (255, 226, 204)
SLEEVE: Colour = (64, 104, 152)
SLEEVE_LIGHT: Colour = (92, 138, 188)
LINE: Colour = (88, 50, 36)
OUTLINE_WIDTH, OUTLINE_BEHIND, LIGHT_BEFORE = 0.055, 0.2, 0.12


class Point(NamedTuple):
    x: float
    y: float
    z: float

    def towards(self, other: "Point", share: float) -> "Point":
        return Point(*(a + (b - a) * share for a, b in zip(self, other, strict=True)))


class Finger(NamedTuple):
    """Degrees of bend at the three joints from the palm outwards, and of lean to the thumb's side."""

    knuckle: float
    middle: float
    end: float
    lean: float = 0


class Thumb(NamedTuple):
    """The thumb's two joints and tip in the hand's frame, and the way its nail looks."""

    knuckle: Point
    joint: Point
    tip: Point
    nail: Point


class Turn(NamedTuple):
    """Degrees about the upright axis, then about the level one, then in the picture's plane."""

    yaw: float = 0
    pitch: float = 0
    roll: float = 0


UNTURNED = Turn()


@dataclass(frozen=True)
class Pose:
    fingers: tuple[Finger, Finger, Finger, Finger]  # index, middle, ring, little
    thumb: Thumb
    turn: Turn = UNTURNED
    shift: tuple[float, float] = (0, 0)  # of the wrist, in the picture's plane


class Bone(NamedTuple):
    start: Point
    end: Point
    start_radius: float
    end_radius: float
    colour: Colour
    light: Colour


class Disc(NamedTuple):
    depth: float
    x: float
    y: float
    radius: float
    colour: Colour
    in_hand: bool  # and not in the sleeve


class _Shape(NamedTuple):
    base: Point
    lengths: tuple[float, float, float]
    radius: float


FINGERS = (
    _Shape(Point(0.90, 2.02, 0), (1.02, 0.66, 0.48), 0.27),
    _Shape(Point(0.31, 2.12, 0), (1.12, 0.74, 0.50), 0.28),
    _Shape(Point(-0.29, 2.05, 0), (1.04, 0.68, 0.48), 0.27),
    _Shape(Point(-0.86, 1.84, 0), (0.82, 0.50, 0.42), 0.235),
)
THUMB_BASE = Point(0.55, 0.5, 0.12)
WRIST = Point(0, 0, 0)


def bones_of(pose: Pose) -> Iterator[Bone]:
    yield Bone(WRIST, Point(0, -0.75, 0), 0.5, 0.48, SKIN_LIGHT, SKIN_LIGHT)
    yield Bone(Point(0, -0.8, 0), Point(0, -4.5, 0), 0.64, 0.78, SLEEVE, SLEEVE_LIGHT)
    for share in (step / 7 - 1 for step in range(15)):
        low, high = Point(share * 0.38, 0.1, 0), Point(share * 0.86, 1.78 + 0.1 * share, -0.02)
        yield Bone(low, high, 0.4, 0.33, SKIN_LIGHT, SKIN_LIGHT)
    for shape, finger in zip(FINGERS, pose.fingers, strict=True):
        yield from _finger_bones(shape, finger)
    knuckle, joint, tip, nail = pose.thumb
    yield Bone(THUMB_BASE, knuckle, 0.42, 0.33, SKIN, SKIN_LIGHT)
    yield Bone(knuckle, joint, 0.32, 0.28, SKIN, SKIN_LIGHT)
    yield Bone(joint, tip, 0.28, 0.24, SKIN, SKIN_LIGHT)
    yield _nail(joint, tip, nail, 0.24)


def _finger_bones(shape: _Shape, finger: Finger) -> Iterator[Bone]:
    bones: list[Bone] = []
    bend, start, radius, lean = 0.0, shape.base, shape.radius, math.radians(finger.lean)
    for length, joint in zip(shape.lengths, finger[:3], strict=True):
        bend += math.radians(joint)
        way = Point(math.sin(lean) * math.cos(bend), math.cos(lean) * math.cos(bend), math.sin(bend))
        end = Point(*(a + length * b for a, b in zip(start, way, strict=True)))
        bones.append(Bone(start, end, radius, radius * 0.94, SKIN, SKIN_LIGHT))
        start, radius = end, radius * 0.94
    yield from bones
    yield _nail(bones[-1].start, start, Point(0, math.sin(bend), -math.cos(bend)), radius)


def _nail(joint: Point, tip: Point, facing: Point, radius: float) -> Bone:
    """A short pale bone on the far side of the last one: `facing` is straightened to stand upright on it."""
    along = _unit(Point(*(b - a for a, b in zip(joint, tip, strict=True))))
    share = sum(a * b for a, b in zip(facing, along, strict=True))
    up = _unit(Point(*(f - share * a for f, a in zip(facing, along, strict=True))))
    ends = [
        Point(*(t + 0.62 * radius * u + s * a for t, u, a in zip(tip, up, along, strict=True))) for s in (-0.12, 0.06)
    ]
    return Bone(ends[0], ends[1], radius * 0.5, radius * 0.5, NAIL, NAIL)


def _unit(point: Point) -> Point:
    length = math.hypot(*point) or 1.0
    return Point(*(value / length for value in point))


def turned(point: Point, turn: Turn) -> Point:
    yaw, pitch, roll = (math.radians(angle) for angle in turn)
    x, z = point.x * math.cos(yaw) + point.z * math.sin(yaw), point.z * math.cos(yaw) - point.x * math.sin(yaw)
    y, z = point.y * math.cos(pitch) - z * math.sin(pitch), point.y * math.sin(pitch) + z * math.cos(pitch)
    return Point(x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll), z)


def discs_of(pose: Pose) -> list[Disc]:
    """Every disc of the hand, farthest first."""
    discs: list[Disc] = []
    for bone in bones_of(pose):
        start, end = turned(bone.start, pose.turn), turned(bone.end, pose.turn)
        count = max(2, math.ceil(math.dist(start, end) / 0.05))
        for step in range(count + 1):
            at = start.towards(end, step / count)
            radius = bone.start_radius + (bone.end_radius - bone.start_radius) * step / count
            x, y = at.x + pose.shift[0], at.y + pose.shift[1]
            in_hand = bone.colour != SLEEVE
            if bone.colour == NAIL:
                discs.append(Disc(at.z + 0.05, x, y, radius, NAIL, in_hand))
                continue
            discs.append(Disc(at.z - OUTLINE_BEHIND, x, y, radius + OUTLINE_WIDTH, LINE, in_hand))
            discs.append(Disc(at.z, x, y, radius, bone.colour, in_hand))
            light = (x - radius * 0.2, y + radius * 0.2, radius * 0.62)
            discs.append(Disc(at.z + LIGHT_BEFORE, *light, bone.light, in_hand))
    return sorted(discs, key=lambda disc: disc.depth)


def tip_of_finger(pose: Pose, number: int) -> tuple[float, float]:
    """Where the end of a finger (0 is the index) comes to lie in the picture's plane."""
    end = list(_finger_bones(FINGERS[number], pose.fingers[number]))[2].end
    place = turned(end, pose.turn)
    return place.x + pose.shift[0], place.y + pose.shift[1]


def paint_hand(
    picture: Image.Image,
    pose: Pose,
    *,
    centre: tuple[float, float],
    unit: float,
    trail: Sequence[tuple[float, float]] = (),
    ink: Colour = LINE,
) -> None:
    """Draw the hand, `unit` pixels to one of its own, with the wrist's frame origin at `centre` of the large canvas."""
    draw = ImageDraw.Draw(picture)
    for disc in discs_of(pose):
        x, y, radius = centre[0] + disc.x * unit, centre[1] - disc.y * unit, disc.radius * unit
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=disc.colour)
    path = [(centre[0] + x * unit, centre[1] - y * unit) for x, y in trail]
    if len(path) > 1 and math.dist(path[0], path[-1]) > unit * 0.2:
        _paint_trail(draw, path, unit, ink)


def _paint_trail(draw: ImageDraw.ImageDraw, path: Sequence[tuple[float, float]], unit: float, ink: Colour) -> None:
    """A line with a round start and an arrow's head at the end."""
    draw.line(path, fill=ink, width=round(unit * 0.14), joint="curve")
    (x, y), (end_x, end_y) = path[0], path[-1]
    draw.ellipse((x - unit * 0.15, y - unit * 0.15, x + unit * 0.15, y + unit * 0.15), fill=ink)
    from_x, from_y = next(at for at in reversed(path) if math.dist(at, path[-1]) > unit * 0.08)
    angle = math.atan2(end_y - from_y, end_x - from_x)
    corners = [
        (end_x + unit * r * math.cos(angle + a), end_y + unit * r * math.sin(angle + a))
        for r, a in ((0.3, 0), (0.3, 2.3), (0.3, -2.3))
    ]
    draw.polygon(corners, fill=ink)
