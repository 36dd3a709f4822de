"""What a run, or a part of it, cost, with the arithmetic."""

from typing import Any

from imagegen.billing.models import Charge
from imagegen.billing.prices import Line, added_up
from imagegen.journal import Journal
from imagegen.providers import registry
from workflows.money import Figure, dollars, in_column


def cost_of(journal: Journal) -> dict[str, Any]:
    parts, charges = journal.parts, journal.charges
    charged = sum(charge.amount_micro for charge in charges)
    corrected = sum(journal.corrected.values())
    expected = sum((part.expected for part in parts), Figure(0, 0, 0))
    return {
        "is_charged": bool(charges),
        "lines": added_up(Line(**line) for charge in charges for line in charge.lines),
        "our_lines": added_up(Line(**line) for charge in charges for line in charge.our_lines),
        "charged": in_column(charged),
        "corrected": in_column(corrected) if corrected else "",
        "net": in_column(charged + corrected),
        "estimated": in_column(expected.likely),
        "estimated_range": expected.range_text,
        "paid": _paid(charges, charged + corrected),
        "priced_as": charges[0].model if charges else "",
        "prices_from": charges[0].prices_from if charges else None,
        "charge_type": parts[0].charge_type if parts else "",
        "is_personal": any(part.is_personal for part in parts),
        "flags": list(dict.fromkeys(flag for charge in charges for flag in charge.flags)),
    }


def _paid(charges: list[Charge], net: int) -> str:
    """Who paid how much: the parts of a step run have one charge type and one provider."""
    if not charges:
        return ""
    if charges[0].charge_type == "hosted":
        return f"Hosted · {dollars(net)}"
    label = registry.get(charges[0].provider).label
    listed = dollars(sum(charge.list_micro for charge in charges))
    return f"Personal · billed by your {label} account, list price {listed}"
