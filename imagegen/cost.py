"""What a run, or a part of it, cost, with the arithmetic."""

from typing import Any

from imagegen.billing.prices import Line, added_up
from imagegen.journal import Journal
from workflows.money import dollars


def cost_of(journal: Journal) -> dict[str, Any]:
    parts, charges = journal.parts, journal.charges
    return {
        "is_charged": bool(charges),
        "lines": added_up(Line(**line) for charge in charges for line in charge.lines),
        "our_lines": added_up(Line(**line) for charge in charges for line in charge.our_lines),
        "charged": dollars(sum(charge.amount_micro for charge in charges)),
        "listed": dollars(sum(charge.list_micro for charge in charges)),
        "estimated": dollars(sum(part.estimate_micro for part in parts)),
        "charge_type": parts[0].charge_type if parts else "",
        "flags": list(dict.fromkeys(flag for charge in charges for flag in charge.flags)),
    }
