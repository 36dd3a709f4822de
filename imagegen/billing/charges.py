"""The charge of a part: lines at the provider's list price, rounded up once."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

from imagegen.assets.models import Asset
from imagegen.attempts.contract import Price
from imagegen.attempts.models import Attempt, Part
from imagegen.billing import closing, wallet
from imagegen.billing.models import Charge
from imagegen.billing.prices import in_micro, total_micro
from imagegen.providers.contract import Result
from workflows.money import dollars

logger = logging.getLogger(__name__)


def charge(
    part: Part, attempt: Attempt, price: Price, result: Result, assets: Sequence[Asset]
) -> Charge:
    """Capture what it cost, at most what was held: anything above is our loss, and flagged."""
    cost = total_micro(price.lines)
    flags = [*_flags(part, cost, result, assets), *_differences(attempt, cost), *price.flags]
    if flags:
        logger.warning("charge of part %s: %s", part.pk, " ".join(flags))
    amount = 0 if part.is_personal else min(cost, part.hold_micro)
    if not part.is_personal:
        wallet.capture(part.pk, amount)
    closing.with_charge(part, attempt, price, amount, len(assets))
    return Charge.objects.create(
        workspace_id=part.workspace_id,
        part=part,
        attempt=attempt,
        charge_type=part.charge_type,
        provider=part.provider,
        model=part.model,
        amount_micro=amount,
        list_micro=cost,
        lines=[asdict(line) for line in price.lines],
        our_lines=[asdict(line) for line in price.our_lines],
        flags=flags,
        provider_ticks=attempt.provider_ticks,
        prices_from=price.prices_from,
        simulated=part.simulated,
    )


def _flags(part: Part, cost: int, result: Result, assets: Sequence[Asset]) -> list[str]:
    flags = [] if result.usage else ["The provider named no usage: priced by our own table."]
    if not part.is_personal and cost > part.hold_micro:
        flags.append("It cost more than was held: the rest is our loss.")
    if len(result.pictures) > part.slots:
        flags.append(f"{len(result.pictures)} images came for {part.slots} that were asked for.")
    if len({asset.sha256 for asset in assets}) < len(assets):
        flags.append("Some of its images are identical.")
    return flags


def _differences(attempt: Attempt, cost: int) -> list[str]:
    """Between the provider's own figure and our list of prices."""
    if attempt.provider_ticks is None or in_micro(attempt.provider_ticks) == cost:
        return []
    theirs, ours = dollars(in_micro(attempt.provider_ticks)), dollars(cost)
    return [f"The provider says that it cost {theirs}; by our prices it is {ours}."]
