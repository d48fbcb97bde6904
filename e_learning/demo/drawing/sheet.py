"""The phrase sheet of "Spoken English": one page of PDF, written by hand.

One page of text in a standard typeface is some thirty lines of the format (ISO 32000), so it needs no library.
Standard typefaces have no Devanagari: the Hindi is in Latin letters here, as people type it on a telephone.
"""

from pathlib import Path

PHRASES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Meeting people", (
        ("Good morning. How are you?", "Suprabhat. Aap kaise hain?"),
        ("I'm fine, thank you. And you?", "Main theek hoon, dhanyavaad. Aur aap?"),
        ("Nice to meet you.", "Aapse milkar achchha laga."),
        ("See you tomorrow.", "Kal milte hain."),
    )),
    ("Finding the way", (
        ("Excuse me, where is the bus stop?", "Maaf kijiye, bus stop kahaan hai?"),
        ("Is it far from here?", "Kya yeh yahaan se door hai?"),
        ("Go straight and turn left.", "Seedhe jaaiye aur baayen mudiye."),
        ("It is opposite the bank.", "Yeh bank ke saamne hai."),
    )),
    ("At the shop", (
        ("How much is this?", "Yeh kitne ka hai?"),
        ("Do you have a smaller one?", "Kya aapke paas isse chhota hai?"),
        ("I'm just looking, thank you.", "Main bas dekh raha / rahi hoon, dhanyavaad."),
        ("Can I pay by card?", "Kya main card se de sakta / sakti hoon?"),
    )),
    ("On the phone", (
        ("May I speak to Asha, please?", "Kya main Asha se baat kar sakta / sakti hoon?"),
        ("Who is calling, please?", "Kaun bol raha / rahi hai?"),
        ("Could you speak more slowly?", "Kya aap thoda dheere bolenge?"),
        ("I'll call back later.", "Main baad mein phone karoonga / karoongi."),
    )),
    ("When you don't understand", (
        ("Sorry, could you say that again?", "Maaf kijiye, kya aap phir se kahenge?"),
        ("What does this word mean?", "Is shabd ka kya matlab hai?"),
        ("How do you say this in English?", "Ise English mein kaise kehte hain?"),
    )),
)  # fmt: skip
INK, GREY, BLUE = "0.15 0.2 0.28", "0.42 0.46 0.53", "0.21 0.4 0.75"


def _text(x: float, y: float, words: str, *, face: str = "F1", size: int = 12, ink: str = INK) -> str:
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{face} {size} Tf {ink} rg {x} {y} Td ({escaped}) Tj ET"


def _page() -> bytes:
    """The drawing operators of an A4 page, 595 x 842 points, from the top down."""
    lines = [
        f"{BLUE} rg 0 766 595 76 re f",
        _text(48, 802, "Spoken English: a phrase sheet", face="F2", size=22, ink="1 1 1"),
        _text(48, 780, "Read each line aloud three times: slowly, then faster, then without looking.", ink="1 1 1"),
    ]
    y = 734
    for title, phrases in PHRASES:
        lines.append(_text(48, y, title, face="F2", size=14, ink=BLUE))
        for english, hindi in phrases:
            y -= 24
            lines += [_text(48, y, english), _text(290, y, hindi, size=11, ink=GREY)]
        y -= 40
    lines.append(
        _text(
            48,
            48,
            "Of two forms, a man says the first (raha, sakta) and a woman the second (rahi, sakti).",
            size=10,
            ink=GREY,
        )
    )
    return "\n".join(lines).encode("latin-1")


def phrase_sheet() -> bytes:
    """The whole file: the objects, the table of where each begins, and the trailer that points to the table."""
    page = _page()
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 8 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        (font % "Helvetica").encode(),
        (font % "Helvetica-Bold").encode(),
        b"<< /Title (Spoken English: a phrase sheet) >>",
        b"<< /Font << /F1 5 0 R /F2 6 0 R >> >>",
    ]
    written, starts = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        starts.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(bodies) + 1,
        len(written),
    )
    return written + head + table + trailer


def write_phrase_sheet(folder: Path) -> None:
    (folder / "spoken-english-phrases.pdf").write_bytes(phrase_sheet())
