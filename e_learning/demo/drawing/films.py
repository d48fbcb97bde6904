"""The silent films: one a letter, in which an open hand takes the shape, and the opening of "Spoken English"."""

import math
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image

from e_learning.demo.drawing.hand import Turn, paint_hand
from e_learning.demo.drawing.letters import DRAWN_BY, LETTERS, OPEN, THUMB_FIRST, between, motion_of, trail_of
from e_learning.demo.drawing.pictures import (
    GROUNDS,
    MARKS,
    WHITE,
    canvas,
    finished,
    framed,
    letter_card,
    letter_ground,
    speech_bubble,
)

RATE = 20  # pictures a second
FILM_SECONDS, HELLO_SECONDS = 3, 6
HELLO_LINES = (  # shown from, until, at the left; the subtitle files beside the film keep to the same times
    ("Good morning!\nHow are you?", 0.5, 3.0, True),
    ("I am fine, thank you.\nAnd you?", 3.0, 5.6, False),
)


def letter_frames(letter: str) -> Iterator[Image.Image]:
    """320 x 240: the open hand, 0.9 s into the shape, 1.2 s of the letter's own move if it has one, and a rest."""
    moves = letter in DRAWN_BY
    trail = trail_of(letter)
    wide = framed(OPEN, (12, 14, 222, 226), largest=46)
    close = framed(motion_of(letter, 1), (12, 14, 222, 226), largest=50, also=trail)
    for number in range(round(RATE * FILM_SECONDS)):
        seconds = number / RATE - 0.4
        shaping = min(1.0, max(0.0, seconds / 0.9))
        moving = min(1.0, max(0.0, (seconds - 1.1) / 1.2)) if moves else 0.0
        shaped = between(OPEN, LETTERS[letter], shaping, thumb_first=letter in THUMB_FIRST)
        pose = motion_of(letter, moving) if moving else shaped
        frame = wide.towards(close, max(0.0, shaping - 0.4) / 0.6)
        picture, ink = letter_ground(letter, 320, 240)
        paint_hand(picture, pose, centre=(frame.x, frame.y), unit=frame.unit, trail=trail_of(letter, moving), ink=ink)
        letter_card(picture, letter.upper(), (234, 28, 308, 128), ink, 68)
        yield finished(picture)


def hello_frames() -> Iterator[Image.Image]:
    """480 x 270: a hand waves, and two people greet each other in bubbles."""
    still = framed(OPEN, (24, 40, 190, 250), largest=46)
    for number in range(round(RATE * HELLO_SECONDS)):
        seconds = number / RATE
        wave = 14 * math.sin(seconds * 4.2) * min(1.0, seconds)
        picture = canvas(480, 270, GROUNDS[2])
        paint_hand(picture, replace(OPEN, turn=Turn(0, 0, wave)), centre=(still.x, still.y), unit=still.unit)
        for words, start, end, at_left in HELLO_LINES:
            if start <= seconds < end:
                top = 36 if at_left else 130
                ground, ink = (WHITE, MARKS[2]) if at_left else (MARKS[2], WHITE)
                box = (206, top, 462, top + 88)
                speech_bubble(picture, words, box, ground=ground, ink=ink, size=24, at_left=at_left)
        yield finished(picture)


def write_film(path: Path, frames: Iterable[Image.Image], *, quality: int) -> None:
    """Encode to H.264, the index at the front so that it plays while it loads. `quality` is x264's: lower is better."""
    frames = iter(frames)
    first = next(frames)
    size = f"{first.width}x{first.height}"
    command = ["ffmpeg", "-loglevel", "error", "-y"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(RATE), "-i", "-", "-an"]
    command += ["-c:v", "libx264", "-preset", "veryslow", "-crf", str(quality), "-g", "250", "-pix_fmt", "yuv420p"]
    command += ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart"]
    command.append(str(path))
    film = b"".join(picture.tobytes() for picture in (first, *frames))
    subprocess.run(command, input=film, check=True)


def write_films(folder: Path) -> None:
    for letter in LETTERS:
        write_film(folder / f"letter-{letter}.mp4", letter_frames(letter), quality=26)
    write_film(folder / "spoken-english-hello.mp4", hello_frames(), quality=26)
