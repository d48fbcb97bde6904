"""What stands on a document, and that its PDF holds it: text as the fonts' own tables give it back, page by page."""

import re
import zlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from payments.invoices.pdf import drawable, render_invoice
from payments.invoices.sheet import sheet_of
from payments.models import Invoice

SELLER = {"name": "Vidya Sagar", "address": "12 Karve Road\n\n Pune 411004", "gstin": "27AAACV1234F1Z5", "state": "27"}
EMOJI, TAMIL = "😀", "தமிழ்"


def document(**fields: Any) -> Invoice:
    """Return a tax invoice within Maharashtra for ₹499.00, unless said otherwise; it is in no database."""
    values: dict[str, Any] = {
        "kind": "invoice",
        "number": "IN/26-27/000001",
        "issued_at": datetime(2026, 11, 21, 18, 31, tzinfo=UTC),
        "seller": SELLER,
        "buyer_name": "Bilal Khan",
        "buyer_email": "bilal@demo.school",
        "place_of_supply": "27",
        "description": "Spoken English",
        "sac": "999293",
        "gst_rate": Decimal("18.00"),
        "taxable_paise": 42288,
        "cgst_paise": 3806,
        "sgst_paise": 3806,
        "total_paise": 49900,
        "currency": "INR",
    }
    return Invoice(**(values | fields))


def streams_of(pdf: bytes) -> list[bytes]:
    return [_inflated(body) for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)]


def _inflated(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return body


def texts_of(pdf: bytes) -> set[str]:
    """Return what each glyph stands for by the ToUnicode tables of the PDF's fonts: what can be searched and copied."""
    tables = [stream.decode("ascii") for stream in streams_of(pdf) if b"begincmap" in stream]
    codes = [code for table in tables for code in re.findall(r"<[0-9A-F]{4}>\s*<([0-9A-F]+)>", table)]
    return {bytes.fromhex(code).decode("utf-16-be") for code in codes}


def characters_of(pdf: bytes) -> set[str]:
    return set("".join(texts_of(pdf)))


def drawn_on(pdf: bytes) -> str:
    """Return the text as a reader shows it: each glyph by the font that is chosen where it is drawn."""
    fonts = {name: _table_of(pdf, number) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", pdf)}
    page = next(stream for stream in streams_of(pdf) if b" Tj" in stream)
    font, saved, shown = b"", [], ""
    for sign, chosen, glyphs in re.findall(rb"\b([qQ])\b|/(F\d+) [\d.]+ Tf|\(((?:[^\\()]|\\.)*)\) Tj", page, re.DOTALL):
        if sign == b"q":
            saved.append(font)
        elif sign == b"Q":
            font = saved.pop()
        elif chosen:
            font = chosen
        else:
            codes = re.sub(rb"\\(.)", lambda found: {b"r": b"\r"}.get(found[1], found[1]), glyphs, flags=re.DOTALL)
            shown += "".join(fonts[font].get(codes[at : at + 2], "?") for at in range(0, len(codes), 2))
    return shown


def _table_of(pdf: bytes, number: bytes) -> dict[bytes, str]:
    """Return what each glyph of the font in this object stands for."""
    font = re.search(rb"\n%s 0 obj\n.*?/ToUnicode (\d+) 0 R" % number, pdf, re.DOTALL)
    assert font is not None
    [table] = re.findall(rb"\n%s 0 obj\n.*?stream\r?\n(.*?)\r?\nendstream" % font[1], pdf, re.DOTALL)
    pairs = re.findall(rb"<([0-9A-F]{4})>\s*<([0-9A-F]+)>", _inflated(table))
    return {bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


# --- what stands on it --------------------------------------------------------------------------


def test_a_tax_invoice_says_what_rule_46_asks() -> None:
    sheet = sheet_of(document())
    assert sheet.title == "Tax invoice"
    assert sheet.facts == (
        ("Number", "IN/26-27/000001"),
        ("Date", "22 November 2026"),
        ("Place of supply", "Maharashtra (27)"),
    )
    assert sheet.seller == (
        "Vidya Sagar",
        "12 Karve Road",
        "Pune 411004",
        "Maharashtra (27)",
        "GSTIN 27AAACV1234F1Z5",
    )
    assert sheet.buyer == ("Bilal Khan", "bilal@demo.school")
    assert sheet.columns == ("Description", "SAC", "Taxable value")
    assert sheet.line == ("Spoken English", "999293", "₹422.88")
    assert sheet.sums == (
        ("Taxable value", "₹422.88"),
        ("CGST 9%", "₹38.06"),
        ("SGST 9%", "₹38.06"),
        ("Total paid", "₹499.00"),
    )
    assert sheet.in_words == "Rupees Four Hundred Ninety-Nine only"
    assert "Tax payable on reverse charge: no" in sheet.remarks


def test_between_states_igst_is_shown_and_in_a_union_territory_utgst() -> None:
    between = sheet_of(document(place_of_supply="29", cgst_paise=0, sgst_paise=0, igst_paise=7612))
    assert between.facts[-1] == ("Place of supply", "Karnataka (29)")
    assert between.sums[1:-1] == (("IGST 18%", "₹76.12"),)
    within = sheet_of(document(place_of_supply="04"))
    assert [name for name, _amount in within.sums[1:-1]] == ["CGST 9%", "UTGST 9%"]


def test_its_title_follows_from_the_gstin_and_the_rate() -> None:
    """Without a GSTIN nobody may call it a tax invoice; where no tax is charged it is a bill of supply."""
    untaxed = {"gst_rate": Decimal(0), "taxable_paise": 49900, "cgst_paise": 0, "sgst_paise": 0}
    assert sheet_of(document()).title == "Tax invoice"
    assert sheet_of(document(seller=SELLER | {"gstin": ""})).title == "Invoice"
    assert sheet_of(document(**untaxed)).title == "Bill of supply"


def test_without_a_rate_no_tax_is_named() -> None:
    sheet = sheet_of(document(gst_rate=Decimal(0), taxable_paise=49900, cgst_paise=0, sgst_paise=0))
    assert sheet.sums == (("Value", "₹499.00"), ("Total paid", "₹499.00"))
    assert sheet.columns[-1] == "Value"
    assert sheet.remarks[0] == "No tax is charged on this supply."


def test_a_school_that_set_nothing_still_gives_its_document() -> None:
    bare = document(seller={"name": "E-learning", "address": "", "gstin": "", "state": ""}, place_of_supply="")
    assert sheet_of(bare).seller == ("E-learning",)
    assert [name for name, _value in sheet_of(bare).facts] == ["Number", "Date"]
    assert pages_of(render_invoice(bare)) == 1


def test_a_credit_note_names_what_it_corrects() -> None:
    note = document(
        kind="credit_note",
        number="CN/26-27/000007",
        issued_at=datetime(2027, 1, 5, 6, tzinfo=UTC),
        corrects=document(),
    )
    sheet = sheet_of(note)
    assert sheet.title == "Credit note"
    assert sheet.facts[:3] == (
        ("Number", "CN/26-27/000007"),
        ("Date", "5 January 2027"),
        ("Corrects tax invoice", "IN/26-27/000001 of 22 November 2026"),
    )
    assert sheet.sums[-1] == ("Total given back", "₹499.00")


# --- the file -----------------------------------------------------------------------------------


def test_the_file_is_a_pdf_of_one_page_with_its_title_and_fonts() -> None:
    pdf = render_invoice(document())
    assert pdf.startswith(b"%PDF-")
    assert pages_of(pdf) == 1
    assert b"/Title (Tax invoice IN/26-27/000001)" in pdf
    assert {b"NotoSans", b"NotoSansBold"} <= set(re.findall(rb"/BaseFont /MPDFAA\+(\w+)", pdf))
    assert len(pdf) < 40_000


def test_the_same_row_gives_the_same_bytes_and_another_row_others() -> None:
    assert b"/CreationDate (D:20261121183100" in render_invoice(document())  # of the row, not of the clock
    assert render_invoice(document()) == render_invoice(document())
    assert render_invoice(document()) != render_invoice(document(number="IN/26-27/000002"))


def test_rupees_and_devanagari_are_drawn_and_can_be_copied() -> None:
    pdf = render_invoice(document(description="हिन्दी बोलना", buyer_name="बिलाल"))
    assert set("₹499.00हिन्दी बोलना बिलाल") - {" "} <= characters_of(pdf)
    assert b"Devanagari" in pdf
    assert b"Devanagari" not in render_invoice(document())


def test_devanagari_is_shaped() -> None:
    """Three letters become the one sign that is written for them."""
    assert "क्ष" in texts_of(render_invoice(document(description="क्षत्रिय")))
    assert "क्ष" not in texts_of(render_invoice(document(description="क ष")))


@pytest.mark.parametrize("name", ["शर्मा " + "W" * 60, "शर्मा " * 9 + "Wilhelmina"])
def test_a_name_in_two_scripts_goes_on_in_the_right_font_in_its_next_line(name: str) -> None:
    drawn = drawn_on(render_invoice(document(buyer_name=name)))
    assert drawn.count("W") == name.count("W")


@pytest.mark.parametrize("title", ["x" * 250, "word " * 50, "हिन्दी " * 35, "W" * 120 + " " + "क" * 129])
def test_the_longest_title_fits_on_the_page(title: str) -> None:
    pdf = render_invoice(document(description=title[:250], buyer_name="N" * 150, buyer_email="e" * 254))
    assert pages_of(pdf) == 1


def test_what_no_font_has_becomes_question_marks() -> None:
    assert drawable(f"Hi {EMOJI} {TAMIL}\n\x00end") == "Hi ? ????? ?end"
    assert drawable("José — ₹5 “काम”…") == "José — ₹5 “काम”…"
    pdf = render_invoice(document(description=f"{EMOJI} {TAMIL}", buyer_name=EMOJI, seller=SELLER | {"name": EMOJI}))
    assert "?" in characters_of(pdf)


@given(st.text(max_size=250), st.text(max_size=150))
@examples(max_examples=10)
def test_no_text_breaks_a_document(description: str, name: str) -> None:
    assert pages_of(render_invoice(document(description=description, buyer_name=name))) == 1
