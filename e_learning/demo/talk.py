"""What is said in the communities of the demo school, each course's under the id that its rows are known by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A message in the chat; ``answers`` is the place of an earlier one in the same conversation."""

    by: str
    text: str
    answers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One community: who joins beside the teacher, the teacher's first post with the answers to it, and the chat."""

    description: str
    members: tuple[str, ...] = ()
    title: str
    welcome: str
    replies: tuple[tuple[str, str], ...] = ()
    chat: tuple[Said, ...] = ()


TALKS = {
    "demo:alphabet": Talk(
        description="For everybody who learns the alphabet in signs: questions, practice, and what went well.",
        members=("bilal",),
        title="Welcome!",
        welcome=(
            "Good to have you here. Three things to begin with:\n\n"
            "1. Sign **slowly**. Clear shapes come first, speed comes by itself.\n"
            "2. Practise in front of a mirror: what you see there is what others see.\n"
            "3. Ask! If a letter gives you trouble, others have the same trouble.\n\n"
            "Tell us in a reply which letter you like best."
        ),
        replies=(
            ("bilal", "Mine is **C**. You can't get it wrong: the hand *is* the letter."),
            ("asha", "It's a good one to start with. Wait until you meet its neighbour, the O."),
        ),
        chat=(
            Said("bilal", "Hello! I mix up M and N all the time. Is there a trick?"),
            Said("asha", "Hello Bilal! Count the fingers over the thumb: three for M, two for N.", answers=0),
            Said("asha", "Think of the strokes when you write them small: m has three, n has two."),
            Said("bilal", "Oh, that's easy to remember. Thank you!", answers=2),
            Said("bilal", "धन्यवाद 🙏 I can spell my name now: B-I-L-A-L."),
            Said("asha", "Wonderful. Tomorrow we spell the names of our towns. 🤟"),
            Said("admin", "A note from the office: the video of the letter J was made anew, it loads faster now."),
        ),
    ),
    "demo:spoken-english": Talk(
        description="Practise speaking and writing English with others who learn it.",
        title="How we talk here",
        welcome=(
            "Write in English, and don't be afraid of mistakes: they are how we learn.\n\n"
            "> Correct a sentence, never a person.\n\n"
            "Whoever answers a question first may ask the next one."
        ),
    ),
}
