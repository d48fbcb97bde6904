"""What stands on a document: rule 46 of the CGST Rules (invoices), 49 (bills of supply) and 53 (credit notes).

In English only, whoever reads it: it is a document for the tax office. ``pdf.py`` draws it.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from payments.invoices.models import Invoice
from payments.invoices.states import STATES, UNION_TERRITORIES
from payments.invoices.wording import percent, rupees, rupees_in_words

_INDIA = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document in words. ``facts`` and ``sums`` are names with their values; ``line`` is what was sold."""

    title: str
    facts: tuple[tuple[str, str], ...]
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    columns: tuple[str, str, str]
    line: tuple[str, str, str]
    sums: tuple[tuple[str, str], ...]
    in_words: str
    remarks: tuple[str, ...]


def sheet_of(document: Invoice) -> Sheet:
    """Lay out what is written on the row; of a credit note also the number and date of what it corrects."""
    return Sheet(
        title=_title(document),
        facts=_facts(document),
        seller=_seller(document),
        buyer=(document.buyer_name, document.buyer_email),
        columns=("Description", "SAC", _name_of_value(document)),
        line=(document.description, document.sac, rupees(document.taxable_paise)),
        sums=_sums(document),
        in_words=rupees_in_words(document.total_paise),
        remarks=_remarks(document),
    )


def _title(document: Invoice) -> str:
    if document.kind == Invoice.Kind.CREDIT_NOTE:
        return "Credit note"
    if not document.gst_rate:
        return "Bill of supply"
    return "Tax invoice" if document.seller["gstin"] else "Invoice"


def _facts(document: Invoice) -> tuple[tuple[str, str], ...]:
    facts = [("Number", document.number), ("Date", _day_of(document))]
    if document.corrects is not None:
        original = document.corrects
        facts.append((f"Corrects {_title(original).lower()}", f"{original.number} of {_day_of(original)}"))
    if document.place_of_supply:
        facts.append(("Place of supply", _state(document.place_of_supply)))
    return tuple(facts)


def _day_of(document: Invoice) -> str:
    day = document.issued_at.astimezone(_INDIA)
    return f"{day.day} {day:%B %Y}"


def _state(code: str) -> str:
    return f"{STATES[code]} ({code})" if code in STATES else code


def _seller(document: Invoice) -> tuple[str, ...]:
    seller = document.seller
    lines = [seller["name"], *seller["address"].splitlines()]
    if seller["state"]:
        lines.append(_state(seller["state"]))
    if seller["gstin"]:
        lines.append(f"GSTIN {seller['gstin']}")
    return tuple(line.strip() for line in lines if line.strip())


def _name_of_value(document: Invoice) -> str:
    return "Taxable value" if document.gst_rate else "Value"


def _sums(document: Invoice) -> tuple[tuple[str, str], ...]:
    half, whole = percent(document.gst_rate / 2), percent(document.gst_rate)
    of_state = "UTGST" if document.place_of_supply in UNION_TERRITORIES else "SGST"
    taxes = (
        (f"CGST {half}", document.cgst_paise),
        (f"{of_state} {half}", document.sgst_paise),
        (f"IGST {whole}", document.igst_paise),
    )
    total = "Total given back" if document.kind == Invoice.Kind.CREDIT_NOTE else "Total paid"
    return (
        (_name_of_value(document), rupees(document.taxable_paise)),
        *((name, rupees(paise)) for name, paise in taxes if paise),
        (total, rupees(document.total_paise)),
    )


def _remarks(document: Invoice) -> tuple[str, ...]:
    remarks = ["Tax payable on reverse charge: no"] if document.gst_rate else ["No tax is charged on this supply."]
    return (*remarks, "Issued electronically and valid without a signature.")
