"""What GST does to an amount. Pure functions on paise: no rows, no settings.

Prices hold their tax. It is found once for the whole document and rounded half up to the paisa, and
then divided, so that the parts always sum to it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self


@dataclass(frozen=True, slots=True)
class Taxes:
    """A total taken apart, in paise. Within one state CGST and SGST are charged, between two IGST."""

    taxable: int
    cgst: int = 0
    sgst: int = 0
    igst: int = 0

    def __sub__(self, other: Self) -> "Taxes":
        return Taxes(
            self.taxable - other.taxable, self.cgst - other.cgst, self.sgst - other.sgst, self.igst - other.igst
        )

    @property
    def total(self) -> int:
        return self.taxable + self.tax

    @property
    def tax(self) -> int:
        return self.cgst + self.sgst + self.igst


def tax_inside(amount_paise: int, rate: Decimal) -> int:
    """Return the tax that ``amount_paise`` holds at ``rate`` percent: 1180 at 18 gives 180."""
    rate_in_hundredths = int(rate * 100)
    return _share(amount_paise, rate_in_hundredths, 100_00 + rate_in_hundredths)


def tax_lines(total_paise: int, rate: Decimal, place: str, seller_state: str) -> Taxes:
    """Take a total apart.

    A buyer whose state nobody knows is supplied where the seller is: section 12(2)(b)(ii) of the IGST Act.
    """
    return _taken_apart(total_paise, tax_inside(total_paise, rate), is_between_states=place not in {"", seller_state})


def lines_up_to(given_back_paise: int, whole: Taxes) -> Taxes:
    """Return what of ``whole`` has gone back once ``given_back_paise`` of its total have.

    A credit note is what this grows by. Each then has its share to the nearest paisa, none is negative
    (the tax grows by at most a paisa for a paisa), and those of the whole total sum to ``whole``.
    """
    tax = _share(given_back_paise, whole.tax, whole.total)
    return _taken_apart(given_back_paise, tax, is_between_states=whole.igst > 0)


def _taken_apart(total: int, tax: int, *, is_between_states: bool) -> Taxes:
    if is_between_states:
        return Taxes(total - tax, igst=tax)
    return Taxes(total - tax, cgst=tax // 2, sgst=tax - tax // 2)


def _share(amount: int, part: int, whole: int) -> int:
    """Return ``amount * part / whole``, rounded half up, in integers."""
    return (2 * amount * part + whole) // (2 * whole)
