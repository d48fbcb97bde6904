"""What the staff groups ``finance`` and ``support`` may do with money in the back office."""

from e_learning.core.staff_groups import Allowed

_WRITTEN_BY_FINANCE = ("refundrequest", "coupon", "plan")
_READ_BY_SUPPORT = ("payment", "refundrequest", "subscription", "invoice", "coupon", "plan")
_READ_BY_FINANCE = (*_READ_BY_SUPPORT, "ledgerentry")

MAY: Allowed = {
    "finance": {"add": _WRITTEN_BY_FINANCE, "change": _WRITTEN_BY_FINANCE, "view": _READ_BY_FINANCE},
    "support": {"view": _READ_BY_SUPPORT},
}
