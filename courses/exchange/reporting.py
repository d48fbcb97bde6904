"""What every import tells of what it read: to programs (API §9), and to people."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from courses.exchange.olx.structure import BlockCount, LeftOut


def blocks_as_json(blocks: Mapping[str, BlockCount], *, done: str = "imported") -> dict[str, dict[str, int]]:
    """Return the counts of each kind; ``done`` names what became of those that came through."""
    return {
        kind: {"read": count.read, done: count.imported, "left_out": count.left_out} for kind, count in blocks.items()
    }


def entries_as_json(entries: Iterable[LeftOut]) -> list[dict[str, str]]:
    return [{"kind": entry.kind, "id": entry.id, "reason": entry.reason} for entry in entries]


def counts_told(blocks: Mapping[str, BlockCount], left_out: Iterable[LeftOut]) -> list[str]:
    """Return the counts as a table, and below it what was left out and why, in lines."""
    read, imported, without = _("read"), _("imported"), _("left out")  # xgettext does not look into f-strings
    lines = [f"{'':24}{read:>8}{imported:>10}{without:>10}"]
    for kind, count in blocks.items():
        lines.append(f"{kind:24}{count.read:>8}{count.imported:>10}{count.left_out:>10}")
    return [*lines, "", *(f"{left.kind} {left.id}: {left.reason}" for left in left_out)]
