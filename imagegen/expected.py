"""What a run of a step would cost, by its settings alone."""

from typing import Any

from django.utils.timezone import now

from imagegen.billing.keys import is_simulated
from imagegen.catalogue.records import NoPrice
from imagegen.choices import validate
from imagegen.config import InvalidSettings
from imagegen.estimate import estimate
from workflows.kinds import ExpectedCost


def expected_cost(settings: dict[str, Any]) -> ExpectedCost | None:
    try:
        config = validate(settings)
        figure = estimate(config, settings["prompt"], now().date()).figure
    except (InvalidSettings, NoPrice):
        return None
    if settings["charge_type"] == "personal":
        return ExpectedCost(figure, is_personal=True)
    return ExpectedCost(figure, simulated=is_simulated(config.record.route.name))
