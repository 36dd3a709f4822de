"""What a step run asks for: a paid request per part, frozen when it is planned."""

from collections.abc import Sequence
from datetime import date

from django.utils.timezone import now

from imagegen.attempts.contract import PlannedPart
from imagegen.attempts.models import Part
from imagegen.config import CONFIGS, Config
from imagegen.estimate import estimate, reserve_bytes


def planned(config: Config, prompt: str, charge_type: str) -> Sequence[PlannedPart]:
    """One part of all images where one request answers them, else a part per image."""
    one_call = config.record.count.one_call
    sizes = [config.image_count] if one_call else [1] * config.image_count
    return [
        _part(
            config.model_copy(update={"image_count": size}),
            sum(sizes[:number]),
            prompt,
            charge_type,
        )
        for number, size in enumerate(sizes)
    ]


def _part(config: Config, first_slot: int, prompt: str, charge_type: str) -> PlannedPart:
    today: date = now().date()
    expected = estimate(config, prompt, today)
    frozen = {"config": config.model_dump(), "prompt": prompt, "priced_on": today.isoformat()}
    return PlannedPart(
        provider=config.provider,
        model=config.model,
        route=config.record.route.name,
        charge_type=charge_type,
        first_slot=first_slot,
        slots=config.image_count,
        at_once=config.record.count.at_once,
        request=frozen,
        hold_micro=expected.worst_micro,
        expected=expected.figure,
        reserve_bytes=reserve_bytes(config),
    )


def asked(part: Part) -> tuple[Config, str]:
    """Settings and prompt; both were checked when it was planned."""
    config = CONFIGS[part.provider].model_construct(**part.request["config"])
    return config, part.request["prompt"]


def priced_on(part: Part) -> date:
    """The day whose price was held: midnight may have come since."""
    day = part.request.get("priced_on")
    return date.fromisoformat(day) if day else part.created_at.date()
