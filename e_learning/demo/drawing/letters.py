"""The hand shapes of the one-handed American manual alphabet, as states of fingers and thumb."""

import math
from dataclasses import replace

from e_learning.demo.drawing.hand import Finger, Point, Pose, Thumb, Turn, tip_of_finger

UP, CURLED = Finger(2, 4, 4), Finger(82, 102, 62)
ROUND, ARCH = Finger(55, 62, 40), Finger(18, 42, 34)
HALF = Finger(48, 112, 44)


def thumb(*numbers: float) -> Thumb:
    """Knuckle, joint, tip and the nail's facing, three numbers each."""
    points = [Point(*numbers[i : i + 3]) for i in range(0, 12, 3)]
    return Thumb(*points)


T_OPEN = thumb(1.2, 1.0, 0.3, 1.72, 1.5, 0.35, 2.05, 2.0, 0.3, 1, 0, -0.3)
T_SIDE = thumb(1.15, 0.98, 0.35, 1.36, 1.62, 0.5, 1.34, 2.15, 0.6, 0.6, 0, 0.8)
T_PALM = thumb(0.95, 1.0, 0.5, 0.5, 1.45, 0.6, -0.05, 1.62, 0.6, 0, 0, 1)
T_OUT = thumb(1.2, 0.92, 0.2, 1.85, 1.15, 0.2, 2.4, 1.22, 0.2, 0, 0.8, 0.5)
T_FRONT = thumb(1.15, 0.95, 0.7, 0.85, 1.4, 1.45, 0.15, 1.52, 1.5, 0, 0.2, 1)
T_UNDER = thumb(1.05, 0.85, 0.6, 0.65, 1.22, 1.0, -0.15, 1.34, 1.0, 0, 0, 1)
T_ROUND = thumb(0.85, 0.62, 0.7, 0.72, 0.85, 1.35, 0.4, 1.47, 1.82, 0, -1, 0.6)
T_OPPOSED = thumb(0.85, 0.6, 0.75, 0.72, 0.62, 1.4, 0.6, 0.9, 1.9, 0, -1, 0.3)
T_BETWEEN = thumb(1.2, 1.1, 0.55, 1.0, 1.8, 0.85, 0.56, 2.5, 1.15, 0.6, 0, 0.8)
T_HOLD = thumb(1.1, 0.95, 0.65, 0.75, 1.4, 1.25, 0.05, 1.5, 1.3, 0, 0.1, 1)

OPEN = Pose((Finger(2, 4, 4, 9), Finger(0, 4, 4, 2), Finger(2, 4, 4, -6), Finger(4, 4, 4, -15)), T_OPEN)

LETTERS: dict[str, Pose] = {
    "a": Pose((CURLED, CURLED, CURLED, CURLED), T_SIDE),
    "b": Pose((UP, UP, UP, UP), T_PALM),
    "c": Pose((ARCH, ARCH, ARCH, ARCH), T_OPPOSED, Turn(62)),
    "d": Pose((UP, ROUND, ROUND, ROUND), T_ROUND, Turn(45)),
    "e": Pose((HALF, HALF, HALF, HALF), T_UNDER),
    "f": Pose(
        (Finger(50, 70, 40), Finger(4, 4, 4, 4), Finger(2, 4, 4, -5), Finger(2, 4, 4, -14)),
        thumb(1.15, 0.75, 0.55, 1.2, 0.98, 1.2, 0.98, 1.48, 1.55, 0.4, -1, 0.3),
        Turn(38),
    ),
    "g": Pose(
        (UP, CURLED, CURLED, CURLED),
        thumb(1.3, 1.0, 0.45, 1.68, 1.75, 0.5, 1.62, 2.5, 0.45, 0.3, 0, -1),
        Turn(160, 0, -90),
    ),
    "h": Pose((UP, UP, CURLED, CURLED), T_HOLD, Turn(165, 0, -90)),
    "i": Pose((CURLED, CURLED, CURLED, UP), T_HOLD),
    "j": Pose((CURLED, CURLED, CURLED, UP), T_HOLD),
    "k": Pose((Finger(2, 4, 4, 8), Finger(38, 4, 4, -16), CURLED, CURLED), T_BETWEEN, Turn(14)),
    "l": Pose((UP, CURLED, CURLED, CURLED), T_OUT),
    "m": Pose(
        (Finger(74, 78, 28), Finger(74, 78, 28), Finger(74, 78, 28), CURLED),
        thumb(0.9, 0.95, 0.45, 0.1, 1.2, 0.8, -0.58, 1.66, 1.3, -0.3, 0.3, 1),
    ),
    "n": Pose(
        (Finger(74, 78, 28), Finger(74, 78, 28), CURLED, CURLED),
        thumb(0.95, 1.0, 0.5, 0.4, 1.3, 0.9, 0.0, 1.82, 1.42, 0, 0.3, 1),
    ),
    "o": Pose((ROUND, ROUND, ROUND, ROUND), T_ROUND, Turn(62)),
    "p": Pose((Finger(2, 4, 4, 6), Finger(52, 4, 4, -12), CURLED, CURLED), T_BETWEEN, Turn(118, 8, -108)),
    "q": Pose(
        (UP, CURLED, CURLED, CURLED), thumb(1.3, 1.0, 0.45, 1.68, 1.75, 0.5, 1.62, 2.5, 0.45, 0.3, 0, -1), Turn(20, 180)
    ),
    "r": Pose((Finger(10, 4, 4, -9), Finger(-4, 2, 2, 13), CURLED, CURLED), T_HOLD),
    "s": Pose((CURLED, CURLED, CURLED, CURLED), T_FRONT),
    "t": Pose(
        (Finger(70, 92, 50), CURLED, CURLED, CURLED), thumb(1.15, 1.05, 0.5, 0.78, 1.75, 1.2, 0.6, 2.36, 1.4, 0, 0.2, 1)
    ),
    "u": Pose((UP, UP, CURLED, CURLED), T_HOLD),
    "v": Pose((Finger(2, 4, 4, 13), Finger(2, 4, 4, -11), CURLED, CURLED), T_HOLD),
    "w": Pose(
        (Finger(2, 4, 4, 15), UP, Finger(2, 4, 4, -15), CURLED),
        thumb(1.05, 0.95, 0.6, 0.6, 1.25, 1.15, -0.4, 1.42, 1.3, 0, 0.1, 1),
    ),
    "x": Pose((Finger(6, 92, 58), CURLED, CURLED, CURLED), T_HOLD, Turn(50)),
    "y": Pose((CURLED, CURLED, CURLED, Finger(2, 4, 4, -24)), T_OUT),
    "z": Pose((UP, CURLED, CURLED, CURLED), T_HOLD),
}

THUMB_FIRST = frozenset("emnt")  # the fingers close over it

# The fingertip's way as the person opposite sees it: mirrored, because the signer draws the letter for the own eye.
DRAWN_BY = {"j": 3, "z": 0}
Z_CORNERS = ((0.0, 0.0), (-2.2, 0.0), (0.0, -1.7), (-2.2, -1.7))


def between(start: Pose, end: Pose, share: float, *, thumb_first: bool) -> Pose:
    """The pose at a share (0 to 1) of the way. Thumb and fingers take turns, or they would pass through each other."""
    early, late = _eased(share / 0.7), _eased((share - 0.3) / 0.7)
    finger_share, thumb_share = (late, early) if thumb_first else (early, late)
    one, two, three, four = (
        Finger(*(a + (b - a) * finger_share for a, b in zip(one, other, strict=True)))
        for one, other in zip(start.fingers, end.fingers, strict=True)
    )
    thumb_now = Thumb(*(a.towards(b, thumb_share) for a, b in zip(start.thumb, end.thumb, strict=True)))
    turn = Turn(*(a + (b - a) * _eased(share) for a, b in zip(start.turn, end.turn, strict=True)))
    return Pose((one, two, three, four), thumb_now, turn)


def _eased(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def motion_of(letter: str, share: float) -> Pose:
    """The letter's pose at a share of its own move; letters that stand still are the same throughout."""
    pose = LETTERS[letter]
    if letter == "z":
        along = min(share, 0.9999) * 3
        (x, y), (to_x, to_y) = Z_CORNERS[int(along)], Z_CORNERS[int(along) + 1]
        part = _eased(along % 1)
        return replace(pose, shift=(x + (to_x - x) * part, y + (to_y - y) * part))
    if letter == "j":
        part, angle = min(1.0, share / 0.5), max(0.0, share - 0.5) / 0.5 * math.pi
        shift = (0.7 * (1 - math.cos(angle)), -1.7 * part - 0.7 * math.sin(angle) + 0.25 * (angle / math.pi))
        return replace(pose, shift=shift, turn=Turn(0, 0, -12 * angle / math.pi))
    return pose


def trail_of(letter: str, share: float = 1) -> list[tuple[float, float]]:
    """The fingertip's way up to a share of the move; empty for a letter that stands still."""
    if letter not in DRAWN_BY:
        return []
    return [tip_of_finger(motion_of(letter, share * step / 60), DRAWN_BY[letter]) for step in range(61)]
