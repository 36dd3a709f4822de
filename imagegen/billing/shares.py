"""What one image cost, where one charge is for several."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from imagegen.assets.models import Asset
from imagegen.billing.models import Charge
from workflows.money import dollars


def costs_per_image(
    assets: Sequence[Asset], charges: Sequence[Charge], corrected: Mapping[UUID, int]
) -> dict[Any, str]:
    """By the key of the asset, with what corrections added to the charge of its part; with a
    personal key it is the list price. One charge is for all images of its part: the last one bears
    what cannot be shared out evenly."""
    costs: dict[Any, str] = {}
    for charge in charges:
        images = [asset for asset in assets if asset.part_id == charge.part_id]
        is_hosted = charge.charge_type == "hosted"
        net = charge.amount_micro + corrected.get(charge.part_id, 0)
        total, word = (net, "") if is_hosted else (charge.list_micro, "list ")
        for number, image in enumerate(images, 1):
            each = total // len(images)
            rest = total % len(images) if number == len(images) else 0
            costs[image.pk] = f"{word}{dollars(each + rest)}"
    return costs
