"""Amounts as they are written in India: ₹12,34,567.89, and in words by thousand, lakh and crore."""

from decimal import Decimal

_ONES = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen "
    "Eighteen Nineteen"
).split()
_TENS = "Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split()
#: From the greatest: what is left below one is under it.
_SCALES = ((10_000_000, "Crore"), (100_000, "Lakh"), (1000, "Thousand"), (100, "Hundred"))


def rupees(paise: int) -> str:
    """Return ``"₹12,34,567.89"`` for 123456789 paise: the last three digits together, the others in pairs."""
    if paise < 0:
        return f"−{rupees(-paise)}"
    whole, part = divmod(paise, 100)
    head, tail = divmod(whole, 1000)
    if not head:
        return f"₹{tail}.{part:02}"
    pairs = []
    while head:
        head, pair = divmod(head, 100)
        pairs.append(f"{pair:02}" if head else str(pair))
    return f"₹{','.join(reversed(pairs))},{tail:03}.{part:02}"


def rupees_in_words(paise: int) -> str:
    """Return ``"Rupees Four Hundred Ninety-Nine and Paise Fifty only"`` for 49950 paise."""
    whole, part = divmod(paise, 100)
    words = f"Rupees {_words(whole)}"
    return f"{words} and Paise {_words(part)} only" if part else f"{words} only"


def percent(rate: Decimal) -> str:
    """Return ``"18%"``, ``"6.25%"``: no zeros that say nothing."""
    text = f"{rate:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _words(number: int) -> str:
    for scale, name in _SCALES:
        if number >= scale:
            head, rest = divmod(number, scale)
            return f"{_words(head)} {name}" + (f" {_words(rest)}" if rest else "")
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
