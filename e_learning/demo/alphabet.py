"""The free course "Alphabet in Signs": a lesson a letter of the one-handed American manual alphabet."""

from typing import NamedTuple

from e_learning.demo.outline import Content, Course, Module


class Letter(NamedTuple):
    """One lesson: the letter, how a right hand forms it, and something to remember it by."""

    letter: str
    shape: str
    hint: str


LETTERS: tuple[Letter, ...] = (
    Letter("A", "Make a fist with the palm forward and rest the thumb straight up along the side of the index finger.",
           "The thumb stands beside the house, like the stroke of a small a."),
    Letter("B", "Hold four fingers straight up and close together, and fold the thumb across the palm.",
           "A tall wall of fingers: the upright back of a B."),
    Letter("C", "Curve the fingers and the thumb towards each other, as if holding a cup, and leave them well apart.",
           "Your hand is the letter: look at it from the side and read a C."),
    Letter("D", "Point the index finger up. Bring the tips of the other fingers and the thumb together in a ring.",
           "A ring with a tall stick: the two parts of a small d."),
    Letter("E", "Bend all four fingers down until their tips meet the thumb, which lies flat below them.",
           "Everything is folded in tightly, like the closed loop of a small e."),
    Letter("F", "Let the tips of index finger and thumb meet in a ring, and hold the other three fingers up and apart.",
           "Three fingers fly like a flag above the ring. F is for flag."),
    Letter("G", "Turn the hand sideways, palm towards you. Point index finger and thumb level, one above the other.",
           "You show how thick a book is: a gap between finger and thumb."),
    Letter("H", "Turn the hand sideways, palm towards you. Point index and middle finger level, close together.",
           "G grows by one finger, just as H follows G."),
    Letter("I", "Make a fist with the thumb across the front and hold the little finger straight up.",
           "The thinnest finger for the thinnest letter."),
    Letter("J", "Begin with I. Draw a J in the air with the little finger: down, and round in a hook.",
           "You write it for your own eye, so the person opposite sees it mirrored."),
    Letter("K", "Hold the index finger up, lean the middle finger forward, and set the thumb between the two.",
           "Three strokes that meet in one place, as in a written K."),
    Letter("L", "Point the index finger up and the thumb out to the side. Fold the other fingers down.",
           "The corner between finger and thumb is the letter itself."),
    Letter("M", "Fold the first three fingers over the thumb, so that its tip looks out beside the little finger.",
           "Three fingers down for the three legs of an m."),
    Letter("N", "Fold index and middle finger over the thumb, so that its tip looks out beside the ring finger.",
           "Two fingers down for the two legs of an n."),
    Letter("O", "Curve all the fingers and let their tips meet the tip of the thumb.",
           "A round hand with a hole: look through the O."),
    Letter("P", "Take the shape of K and tip the hand forward, so that the middle finger points down.",
           "K that bows politely. P is for polite."),
    Letter("Q", "Take the shape of G and turn it down, so that index finger and thumb point at the floor.",
           "The hand reaches down, as the tail of a Q does."),
    Letter("R", "Hold index and middle finger up and cross them. Fold the others, the thumb over them.",
           "Crossed fingers wish you luck. R is for really good luck."),
    Letter("S", "Make a fist and lay the thumb across the front of the fingers.",
           "A strong fist: S is for strong. In A the thumb stood at the side."),
    Letter("T", "Make a fist with the thumb under the index finger, its tip looking out beside the middle finger.",
           "One finger over the thumb: T has one leg, N two, M three."),
    Letter("U", "Hold index and middle finger straight up and close together. Fold the others, the thumb over them.",
           "Two fingers united. U is for united."),
    Letter("V", "Hold index and middle finger up and spread them. Fold the others, the thumb over them.",
           "The gap between the fingers is the letter itself."),
    Letter("W", "Hold index, middle and ring finger up and spread them. The thumb holds down the little finger.",
           "Three tips, as the three upper ends of a W."),
    Letter("X", "Make a fist, raise the index finger and bend it into a hook.",
           "A hook to hang a coat on. It marks the spot, as an X does."),
    Letter("Y", "Stretch out the thumb and the little finger. Fold the three fingers between them.",
           "Two arms spread wide, as in a written Y."),
    Letter("Z", "Point the index finger and draw a Z in the air: across, slanting down, and across again.",
           "Like J, it is written for your own eye, so the person opposite sees it mirrored."),
)  # fmt: skip

GROUPS = (  # the modules: title, description, first and last letter
    ("A to I: the first shapes", "Fists, flat hands and rings, your hand at the height of your shoulder.", "A", "I"),
    ("J to R: turning and crossing", "The hand begins to move, to tip over and to tuck the thumb away.", "J", "R"),
    ("S to Z: the last shapes", "Most of these you know in part already: watch what the thumb does.", "S", "Z"),
)  # fmt: skip
FILM_SECONDS = 3


def _content(letter: Letter) -> Content:
    name = f"letter-{letter.letter.lower()}"
    text = (
        f"**How to hold your hand.** {letter.shape}\n\n"
        f"**To remember it.** {letter.hint}\n\n"
        f"**Practise.** Form {letter.letter} five times from an open hand. Then spell a short word that has it.\n"
    )
    return Content(
        title=f"The letter {letter.letter}", content_type="video", text_content=text, topic="manual alphabet",
        is_preview=letter.letter == "A", video_file=f"{name}.mp4", video_duration=FILM_SECONDS, poster=f"{name}.webp",
    )  # fmt: skip


COURSE = Course(
    title="Alphabet in Signs",
    summary="Spell any name with one hand: the 26 letters of the American manual alphabet, one short film each.",
    description=(
        "With a hand alphabet you can spell names, places and any word whose sign you don't know yet. This "
        "course teaches the **one-handed American manual alphabet**, a letter at a time.\n\n"
        "Every lesson has a picture, a silent film of three seconds, and a hint to remember the shape by. "
        "Pictures show a right hand as the person opposite sees it. If you write with your left hand, sign with "
        "your left: the shapes are the same, mirrored.\n\n"
        "Other sign languages have alphabets of their own; the British and Indian ones use two hands.\n\n"
        "हाथ की वर्णमाला से आप कोई भी नाम अपनी उँगलियों से लिख सकते हैं। इस पाठ्यक्रम में छब्बीस अक्षर हैं: हर अक्षर का एक चित्र, "
        "एक छोटा वीडियो और उसे याद रखने का एक संकेत।"
    ),
    category=("Languages", "Sign languages"),
    subject="Sign language",
    thumbnail="cover-alphabet-in-signs.webp",
    language="en",
    learning_objectives=(
        "Form all 26 letters so that others can read them",
        "Tell similar letters apart: A, S and T; M and N; U, V and R",
        "Spell your own name without looking at your hand",
    ),
    modules=tuple(
        Module(
            title=title,
            description=description,
            contents=tuple(_content(letter) for letter in LETTERS if first <= letter.letter <= last),
        )
        for title, description, first, last in GROUPS
    ),
)
