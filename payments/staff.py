"""What the staff groups ``finance`` and ``support`` may do with money in the back office."""

from typing import Any

from django.contrib.auth.models import Group, Permission

_DECIDED_BY_FINANCE = ("refundrequest",)
_WRITTEN_BY_FINANCE = ("coupon", "plan")
_READ_BY_SUPPORT = ("payment", "refundrequest", "subscription", "invoice", "coupon", "plan")
_READ_BY_FINANCE = (*_READ_BY_SUPPORT, "ledgerentry")


def let_finance_work(**kwargs: Any) -> None:
    """Give the groups their permissions; run after migrations, because permissions are made there."""
    changed = [f"{verb}_{model}" for model in _DECIDED_BY_FINANCE + _WRITTEN_BY_FINANCE for verb in ("add", "change")]
    _give("finance", [*changed, *(f"view_{model}" for model in _READ_BY_FINANCE)])
    _give("support", [f"view_{model}" for model in _READ_BY_SUPPORT])


def _give(name: str, codenames: list[str]) -> None:
    group, _is_new = Group.objects.get_or_create(name=name)
    group.permissions.add(*Permission.objects.filter(content_type__app_label="payments", codename__in=codenames))
