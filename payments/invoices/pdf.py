"""Documents as PDF, by fpdf2. The same row gives the same bytes, whenever and wherever it is drawn.

Names and titles may be in Latin or Devanagari, and both in one line; the fonts are in ``fonts/``. A
character that neither has (an emoji, Tamil) is drawn as a question mark.
"""

from functools import cache
from pathlib import Path
from unicodedata import normalize

from django.http import HttpResponse
from fontTools.ttLib import TTFont
from fpdf import FPDF, Align, XPos, YPos

from payments.invoices.models import Invoice
from payments.invoices.sheet import Sheet, sheet_of

_FONTS = Path(__file__).parent / "fonts"
_LATIN, _DEVANAGARI = "NotoSans", "NotoSansDevanagari"
_STYLES = {"": "Regular", "B": "Bold"}
_MARGIN = 18.0  # millimetres, like all lengths here
_SMALL, _NORMAL, _LARGE = 8.5, 10.0, 20.0  # points
_GREY, _BLACK, _RULE = 110, 20, 200
_SAC_WIDTH, _MONEY_WIDTH = 26.0, 38.0


def render_invoice(invoice: Invoice) -> bytes:
    """Draw the document on A4; a long description runs over as many lines as it needs."""
    return bytes(_drawn(invoice).output())


def pdf_answer(invoice: Invoice) -> HttpResponse:
    """Answer with the document as a file of its number's name; it is nobody else's, so no cache between keeps it."""
    name = invoice.number.replace("/", "-")
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(render_invoice(invoice), content_type="application/pdf", headers=headers)


def _drawn(invoice: Invoice) -> FPDF:
    sheet = sheet_of(invoice)
    pdf = _empty_page(invoice, sheet)
    _draw_head(pdf, sheet)
    _draw_parties(pdf, sheet)
    _draw_line(pdf, sheet)
    _draw_sums(pdf, sheet)
    _draw_foot(pdf, sheet)
    return pdf


def _empty_page(invoice: Invoice, sheet: Sheet) -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_title(f"{sheet.title} {invoice.number}")
    pdf.set_author(drawable(invoice.seller["name"]))
    pdf.set_lang("en-IN")
    pdf.set_creation_date(invoice.issued_at)
    pdf.set_margin(_MARGIN)
    _add_font(pdf, _LATIN)
    # Only where it is needed: it takes over half the time of a document.
    if any(_is_beyond_latin(text) for text in (*sheet.seller, *sheet.buyer, *sheet.line)):
        _add_font(pdf, _DEVANAGARI)
        pdf.set_fallback_fonts([_DEVANAGARI])
    pdf.set_text_shaping(use_shaping_engine=True)
    pdf.add_page()
    return pdf


def _add_font(pdf: FPDF, family: str) -> None:
    for style, name in _STYLES.items():
        pdf.add_font(family, style, _FONTS / f"{family}-{name}.ttf")


def _is_beyond_latin(text: str) -> bool:
    return not {ord(one) for one in drawable(text)} <= _characters(_LATIN)


def _draw_head(pdf: FPDF, sheet: Sheet) -> None:
    _write(pdf, sheet.title, size=_LARGE, style="B")
    pdf.ln(2)
    for name, value in sheet.facts:
        _write(pdf, name, width=42, grey=True, stay=True)
        _write(pdf, value)
    pdf.ln(4)


def _draw_parties(pdf: FPDF, sheet: Sheet) -> None:
    """Seller on the left, buyer on the right, each name in bold."""
    top, width, lowest = pdf.get_y(), pdf.epw / 2 - 4, pdf.get_y()
    for left, name, lines in ((pdf.l_margin, "Seller", sheet.seller), (pdf.w / 2 + 4, "Buyer", sheet.buyer)):
        pdf.set_y(top)
        pdf.set_left_margin(left)
        _write(pdf, name, width=width, size=_SMALL, grey=True)
        for number, line in enumerate(lines):
            _write(pdf, line, width=width, style="B" if number == 0 else "")
        lowest = max(lowest, pdf.get_y())
    pdf.set_left_margin(_MARGIN)
    pdf.set_y(lowest)
    pdf.ln(6)


def _draw_line(pdf: FPDF, sheet: Sheet) -> None:
    widths = (pdf.epw - _SAC_WIDTH - _MONEY_WIDTH, _SAC_WIDTH, _MONEY_WIDTH)
    aligns = (Align.L, Align.L, Align.R)
    _rule(pdf)
    for cells, grey in ((sheet.columns, True), (sheet.line, False)):
        top = pdf.get_y()
        # From the right, so that what ends lowest, the description, leaves the pen where the next row begins.
        for column in (2, 1, 0):
            pdf.set_xy(_MARGIN + sum(widths[:column]), top)
            size = _SMALL if grey else _NORMAL
            _write(pdf, cells[column], width=widths[column], size=size, align=aligns[column], grey=grey)
    pdf.ln(2)
    _rule(pdf)


def _draw_sums(pdf: FPDF, sheet: Sheet) -> None:
    for number, (name, amount) in enumerate(sheet.sums, start=1):
        style = "B" if number == len(sheet.sums) else ""
        pdf.set_x(_MARGIN + pdf.epw - 2 * _MONEY_WIDTH)
        _write(pdf, name, width=_MONEY_WIDTH, style=style, stay=True)
        _write(pdf, amount, width=_MONEY_WIDTH, style=style, align=Align.R)
    pdf.ln(4)


def _draw_foot(pdf: FPDF, sheet: Sheet) -> None:
    _write(pdf, sheet.in_words)
    pdf.ln(6)
    for remark in sheet.remarks:
        _write(pdf, remark, size=_SMALL, grey=True)


def _rule(pdf: FPDF) -> None:
    pdf.set_draw_color(_RULE)
    pdf.line(_MARGIN, pdf.get_y(), pdf.w - _MARGIN, pdf.get_y())
    pdf.ln(2)


def _write(
    pdf: FPDF,
    text: str,
    *,
    width: float = 0,
    size: float = _NORMAL,
    style: str = "",
    align: Align = Align.L,
    grey: bool = False,
    stay: bool = False,
) -> None:
    """Write ``text`` into a column (0: to the margin); the pen goes to the next line unless told to ``stay``."""
    pdf.set_font(_LATIN, style, size)
    pdf.set_text_color(_GREY if grey else _BLACK)
    # Where text begins in Devanagari, fpdf2 2.8 names our font within a "q … Q" and takes it for set afterwards: a
    # second line in Latin then came out in the glyphs of another font. A space, written first, names it for good.
    if _is_beyond_latin(text):
        pdf.cell(0, 0, " ", new_x=XPos.LEFT, new_y=YPos.TOP)
    after = (XPos.RIGHT, YPos.TOP) if stay else (XPos.LMARGIN, YPos.NEXT)
    pdf.multi_cell(width, size * 0.55, drawable(text), align=align, new_x=after[0], new_y=after[1])


def drawable(text: str) -> str:
    """Return ``text`` on one line, with what no font can draw as question marks."""
    known = _characters(_LATIN) | _characters(_DEVANAGARI)
    return "".join(one if ord(one) in known else "?" for one in " ".join(normalize("NFC", text).split()))


@cache
def _characters(family: str) -> frozenset[int]:
    return frozenset(TTFont(_FONTS / f"{family}-Regular.ttf", lazy=True).getBestCmap())
