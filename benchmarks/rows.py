"""A finished run of one step, as the program leaves it: its rows, for bulk_create."""

import secrets
from dataclasses import asdict
from typing import Any

from django.db.models import Model
from django.utils.timezone import now

from imagegen.assets.models import Asset
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.models import Charge
from imagegen.billing.prices import total_micro
from imagegen.billing.statement import StatementLine
from imagegen.choices import validate
from imagegen.estimate import charge_lines, estimate
from imagegen.output import settings_of, stored
from workflows.models import Run, StepRun
from workflows.runs.start import FROZEN


def finished_run(run: Run, images: int, thumbnail_key: str) -> list[Model]:
    step_run = _step_run(run, images)
    part = _part(step_run, images)
    attempt = Attempt(
        workspace_id=run.workspace_id,
        part=part,
        number=1,
        state=Attempt.State.SETTLED,
        simulated=True,
        sent={"model": part.model, "prompt": part.request["prompt"], "n": images},
        status_code=200,
        request_id=f"req_{secrets.token_hex(12)}",
        received_at=now(),
        finished_at=now(),
    )
    assets = [_asset(part, slot, thumbnail_key) for slot in range(images)]
    step_run.output = stored(settings_of(step_run.settings), assets)
    charge = _charge(attempt)
    return [step_run, part, attempt, *assets, charge, _line(charge, step_run, images)]


def _step_run(run: Run, images: int) -> StepRun:
    assert run.step
    frozen = {name: getattr(run.step, name) for name in FROZEN}
    frozen["settings"] = frozen["settings"] | {"image_count": images}
    prompt = frozen["settings"]["prompt"].replace("{{", "the value of ").replace("}}", "")
    return StepRun(
        **frozen,
        workspace_id=run.workspace_id,
        run=run,
        run_number=run.number,
        step=run.step,
        status=StepRun.Status.SUCCEEDED,
        filled=frozen["settings"] | {"prompt": prompt},
        started_at=now(),
        finished_at=now(),
    )


def _part(step_run: StepRun, images: int) -> Part:
    config = validate(step_run.settings)
    asked = step_run.filled or {}
    expected = estimate(config, asked["prompt"], now().date()).figure
    return Part(
        workspace_id=step_run.workspace_id,
        step_run=step_run,
        number=1,
        provider=config.provider,
        model=config.model,
        charge_type="hosted",
        simulated=True,
        first_slot=0,
        slots=images,
        request={"config": config.model_dump(), "prompt": asked["prompt"]},
        hold_micro=0,
        estimate_micro=expected.likely,
        estimate_low_micro=expected.low,
        estimate_high_micro=expected.high,
        reserved_bytes=0,
        state=Part.State.SETTLED,
        finished_at=now(),
    )


def _asset(part: Part, slot: int, thumbnail_key: str) -> Asset:
    step_run = part.step_run
    file_name = f"hero-image-r{step_run.run.number}-{slot + 1}.png"
    return Asset(
        workspace_id=part.workspace_id,
        step_run=step_run,
        part=part,
        slot=slot,
        token=secrets.token_hex(16),
        key=f"{part.workspace_id}/{secrets.token_hex(16)}.png",
        thumbnail_key=thumbnail_key,
        file_name=file_name,
        search_text=f"{file_name}\n{part.request['prompt']}".casefold(),
        file_size=214_233,
        file_type="image/png",
        width=1024,
        height=1024,
        sha256=secrets.token_hex(32),
        simulated=True,
    )


def _line(charge: Charge, step_run: StepRun, images: int) -> StatementLine:
    return StatementLine(
        key=f"part:{charge.part_id}",
        at=now(),
        workspace_id=charge.workspace_id,
        provider=charge.provider,
        model=charge.model,
        charge_type=charge.charge_type,
        outcome=Part.State.SETTLED,
        simulated=True,
        parts=1,
        images=images,
        charged_micro=charge.amount_micro,
        cost_micro=charge.list_micro,
        part=charge.part,
        step_run=step_run,
        workflow_id=step_run.run.workflow_id,
        user_id=step_run.run.started_by_id,
        step_identifier=step_run.identifier,
        run_number=step_run.run_number,
    )


def _charge(attempt: Attempt) -> Charge:
    part, day = attempt.part, now().date()
    config = validate(part.step_run.settings)
    lines = charge_lines(config, None, day, prompt=part.request["prompt"])
    cost: dict[str, Any] = {"amount_micro": total_micro(lines), "list_micro": total_micro(lines)}
    return Charge(
        **cost,
        workspace_id=part.workspace_id,
        part=part,
        attempt=attempt,
        charge_type=part.charge_type,
        provider=part.provider,
        model=part.model,
        lines=[asdict(line) for line in lines],
        prices_from=config.record.price_on(day).valid_from,
        simulated=True,
    )
