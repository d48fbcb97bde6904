"""The still pictures: one a letter, and the covers of the three courses."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from e_learning.demo.drawing.hand import Colour, Pose, Turn, discs_of, paint_hand
from e_learning.demo.drawing.letters import LETTERS, OPEN, motion_of, trail_of

SCALE = 3  # everything is drawn this much larger and then reduced: that is what smooths the edges
WHITE: Colour = (255, 255, 255)
INK: Colour = (38, 50, 72)
GROUNDS: tuple[Colour, ...] = ((253, 236, 214), (222, 240, 232), (224, 234, 250), (248, 226, 232), (236, 230, 248))
MARKS: tuple[Colour, ...] = ((221, 122, 40), (40, 140, 108), (54, 102, 190), (196, 70, 104), (118, 84, 186))


class Frame(NamedTuple):
    """Where the hand's origin stands on the large canvas, and how many of its pixels make one unit of the hand."""

    x: float
    y: float
    unit: float

    def towards(self, other: "Frame", share: float) -> "Frame":
        return Frame(*(a + (b - a) * share for a, b in zip(self, other, strict=True)))


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface, so that the pictures come out the same on every machine."""
    return ImageFont.load_default(size * SCALE)


def canvas(width: int, height: int, ground: Colour) -> Image.Image:
    return Image.new("RGB", (width * SCALE, height * SCALE), ground)


def finished(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width // SCALE, picture.height // SCALE), Image.Resampling.LANCZOS)


def framed(
    pose: Pose, box: tuple[float, float, float, float], *, largest: float, also: Sequence[tuple[float, float]] = ()
) -> Frame:
    """The frame that centres the hand, without its sleeve but with the points of `also`, in a box of the picture."""
    discs = [disc for disc in discs_of(pose) if disc.in_hand]
    xs = [edge for disc in discs for edge in (disc.x - disc.radius, disc.x + disc.radius)] + [x for x, _ in also]
    ys = [edge for disc in discs for edge in (disc.y - disc.radius, disc.y + disc.radius)] + [y for _, y in also]
    left, top, right, bottom = (edge * SCALE for edge in box)
    unit = min(largest * SCALE, (right - left) / (max(xs) - min(xs)), (bottom - top) / (max(ys) - min(ys)))
    return Frame((left + right - (min(xs) + max(xs)) * unit) / 2, (top + bottom + (min(ys) + max(ys)) * unit) / 2, unit)


def letter_card(
    picture: Image.Image, text: str, box: tuple[float, float, float, float], ink: Colour, size: float
) -> None:
    draw = ImageDraw.Draw(picture)
    left, top, right, bottom = (edge * SCALE for edge in box)
    draw.rounded_rectangle((left, top, right, bottom), radius=(right - left) * 0.2, fill=WHITE)
    draw.text(((left + right) / 2, (top + bottom) / 2), text, fill=ink, font=font(size), anchor="mm")


def letter_ground(letter: str, width: int, height: int) -> tuple[Image.Image, Colour]:
    """A plain ground with a pale round behind the hand, in the letter's colours."""
    number = ord(letter) % len(GROUNDS)
    picture = canvas(width, height, GROUNDS[number])
    x, y, radius = 0.36 * picture.width, 0.5 * picture.height, 0.46 * picture.height
    red, green, blue = GROUNDS[number]
    pale = ((red + 255) // 2, (green + 255) // 2, (blue + 255) // 2)
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill=pale)
    return picture, MARKS[number]


def letter_picture(letter: str) -> Image.Image:
    """480 x 360: the hand as the person opposite sees it, and the letter. A letter that moves: its end and its path."""
    picture, ink = letter_ground(letter, 480, 360)
    trail = trail_of(letter)
    pose = motion_of(letter, 1)
    frame = framed(pose, (20, 24, 326, 336), largest=74, also=trail)
    paint_hand(picture, pose, centre=(frame.x, frame.y), unit=frame.unit, trail=trail, ink=ink)
    letter_card(picture, letter.upper(), (346, 40, 456, 190), ink, 104)
    ImageDraw.Draw(picture).text((401 * SCALE, 236 * SCALE), letter, fill=ink, font=font(64), anchor="mm")
    return finished(picture)


def speech_bubble(
    picture: Image.Image,
    text: str,
    box: tuple[float, float, float, float],
    *,
    ground: Colour,
    ink: Colour,
    size: float,
    at_left: bool,
) -> None:
    """A bubble with its words; its tail hangs at the left or at the right."""
    draw = ImageDraw.Draw(picture)
    left, top, right, bottom = (edge * SCALE for edge in box)
    foot, side = (left, 1) if at_left else (right, -1)
    near, far, down = foot + side * 30 * SCALE, foot + side * 58 * SCALE, bottom + 20 * SCALE
    draw.polygon([(near, bottom - 4), (far, bottom - 4), (near - side * 8 * SCALE, down)], fill=ground)
    draw.rounded_rectangle((left, top, right, bottom), radius=20 * SCALE, fill=ground)
    draw.text(((left + right) / 2, (top + bottom) / 2), text, fill=ink, font=font(size), anchor="mm", align="center")


def _cover(title: str, ground: Colour, ink: Colour) -> Image.Image:
    picture = canvas(640, 360, ground)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 282 * SCALE, 640 * SCALE, 360 * SCALE), fill=ink)
    draw.text((320 * SCALE, 321 * SCALE), title, fill=WHITE, font=font(40), anchor="mm")
    return picture


def _row_of_hands(picture: Image.Image, poses: Sequence[Pose], names: Sequence[str], ink: Colour) -> None:
    upper = picture.crop((0, 0, picture.width, 282 * SCALE))
    for place, (pose, name) in enumerate(zip(poses, names, strict=True)):
        left = 20 + place * 205
        frame = framed(pose, (left, 24, left + 132, 262), largest=50)
        paint_hand(upper, pose, centre=(frame.x, frame.y), unit=frame.unit)
        letter_card(upper, name, (left + 138, 24, left + 188, 84), ink, 40)
    picture.paste(upper, (0, 0))


def alphabet_cover() -> Image.Image:
    picture = _cover("Alphabet in Signs", GROUNDS[0], MARKS[0])
    _row_of_hands(picture, [LETTERS[letter] for letter in "abc"], "ABC", MARKS[0])
    return finished(picture)


def numbers_cover() -> Image.Image:
    """One, two and three turn the back of the hand to the reader, as they are signed."""
    three = replace(LETTERS["v"], thumb=OPEN.thumb)
    poses = [replace(pose, turn=Turn(180)) for pose in (LETTERS["z"], LETTERS["v"], three)]
    picture = _cover("Numbers in Signs", GROUNDS[1], MARKS[1])
    _row_of_hands(picture, poses, "123", MARKS[1])
    return finished(picture)


def english_cover() -> Image.Image:
    picture = _cover("Spoken English", GROUNDS[2], MARKS[2])
    upper = picture.crop((0, 0, picture.width, 282 * SCALE))
    pose = replace(OPEN, turn=Turn(0, 0, 12))
    frame = framed(pose, (30, 26, 240, 262), largest=62)
    paint_hand(upper, pose, centre=(frame.x, frame.y), unit=frame.unit)
    speech_bubble(upper, "Hello!", (270, 34, 430, 104), ground=WHITE, ink=MARKS[2], size=36, at_left=True)
    speech_bubble(upper, "How are you?", (350, 150, 606, 220), ground=MARKS[2], ink=WHITE, size=36, at_left=False)
    picture.paste(upper, (0, 0))
    return finished(picture)


def write_pictures(folder: Path) -> None:
    covers = {"alphabet-in-signs": alphabet_cover, "spoken-english": english_cover, "numbers-in-signs": numbers_cover}
    for name, cover in covers.items():
        cover().save(folder / f"cover-{name}.webp", quality=80, method=6)
    for letter in LETTERS:
        letter_picture(letter).save(folder / f"letter-{letter}.webp", quality=80, method=6)
