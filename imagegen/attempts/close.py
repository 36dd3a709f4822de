"""The closing transaction of a part: rows, money, storage and the step run, all or nothing.

Rows are locked in one order everywhere, in `plan` too: run, part, storage, wallet.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.timezone import now

from imagegen.assets import quota
from imagegen.attempts import events
from imagegen.attempts.contract import paid_kind
from imagegen.attempts.models import UNLEASED, Attempt, LeaseLost, Part
from imagegen.billing import charges, closing
from imagegen.errors import Fault
from imagegen.outcomes import Outcome
from imagegen.providers.contract import Result
from workflows.kinds import StepFailed
from workflows.models import Run, StepRun
from workflows.runs.advance import advance

logger = logging.getLogger(__name__)

CAME_LATE = "The answer came after all. Its images were kept and cost you nothing."


def with_images(part: Part, attempt: Attempt, result: Result, faults: Sequence[Fault]) -> None:
    """The faults are those of images that could not be stored."""
    with transaction.atomic():
        _lock(part)
        if not part.close(Part.State.SETTLED, fault=faults[0].name if faults else ""):
            raise LeaseLost
        _end(attempt, Attempt.State.SETTLED)
        assets = list(part.assets.all())
        stored = sum(asset.file_size for asset in assets)
        quota.settle(part.workspace_id, part.reserved_bytes, stored)
        price = paid_kind(part.step_run).price(part, result, len(assets))
        charges.charge(part, attempt, price, result, assets)
        finish_step_run(part.step_run)
    events.settled(part, attempt, len(assets))
    advance(part.step_run.run_id)


def without_image(
    part: Part, attempt: Attempt | None, state: str, fault: Fault, *, detail: str = ""
) -> None:
    """Release hold and reservation. What the provider bills all the same is not the customer's."""
    with transaction.atomic():
        _lock(part)
        if not part.close(state, fault=fault.name, detail=detail):
            raise LeaseLost
        if attempt:
            _end(attempt, state, fault=fault.name)
        spared = _spare_the_rest(part, fault, detail) if fault.is_final else []
        give_back(part, attempt)
        for each in spared:
            give_back(each)
        finish_step_run(part.step_run)
    if fault.alarm and not part.is_personal:
        logger.error("%s: %s of %s, part %s", fault.name, part.model, part.provider, part.pk)
    advance(part.step_run.run_id)


def _spare_the_rest(part: Part, fault: Fault, detail: str) -> list[Part]:
    """The parts that are still due would hear the same answer: they are not sent."""
    due = part.siblings().due()
    rejected = Part.State.REJECTED
    return [each for each in due if each.take_back(rejected, fault=fault.name, detail=detail)]


def due_again(part: Part, attempt: Attempt, state: str, fault: Fault, pause: float) -> None:
    """After an attempt that provably cost nothing: due once more after a pause, in seconds; or,
    when the run was cancelled meanwhile, closed for free. Decided under the lock that a cancel
    takes, too."""
    with transaction.atomic():
        run = _lock(part)
        _end(attempt, state, fault=fault.name)
        if run.cancel_requested_at is None:
            _wait(part, pause)
            run.touch()
            events.waits(attempt, fault, pause)
            return
        if not part.close(Part.State.CANCELLED):
            raise LeaseLost
        give_back(part, attempt)
        finish_step_run(part.step_run)
    advance(part.step_run.run_id)


def _wait(part: Part, pause: float) -> None:
    """Nobody's meanwhile. The sweep wakes a worker for it."""
    until = Now() + timedelta(seconds=pause)
    if not part.move(part.state, Part.State.DUE, due_at=until, woken_at=None, **UNLEASED):
        raise LeaseLost


def give_back(part: Part, attempt: Attempt | None = None) -> None:
    quota.settle(part.workspace_id, part.reserved_bytes, _stored_bytes(part))
    closing.without_charge(part, attempt)
    events.closed_on_commit(part, attempt)


def _stored_bytes(part: Part) -> int:
    return part.assets.aggregate(total=Sum("file_size"))["total"] or 0


def _lock(part: Part) -> Run:
    """Parts of one step run close one after the other, and see a cancel that came meanwhile."""
    step_runs = StepRun.objects.select_related("run").select_for_update(of=("run",))
    part.step_run = step_runs.defer("run__snapshot").get(pk=part.step_run_id)
    return part.step_run.run


def _end(attempt: Attempt, state: str, **fields: object) -> None:
    attempt.move(
        attempt.state,
        state,
        request_id=attempt.request_id,
        provider_ticks=attempt.provider_ticks,
        returned=attempt.returned,
        usage=attempt.usage,
        said=attempt.said,
        finished_at=now(),
        **fields,
    )


def finish_step_run(step_run: StepRun) -> None:
    """When the last part has closed: succeed with what came, or fail with the first fault."""
    if step_run.is_finished:
        if step_run.assets.exists():
            step_run.warn(CAME_LATE)
        return
    parts = list(step_run.parts.all())
    if any(part.state in Part.OPEN for part in parts):
        return
    assets = list(step_run.assets.all())
    kind = paid_kind(step_run)
    failures = [kind.failure(part, Fault[part.fault], part.detail) for part in parts if part.fault]
    if assets:
        warnings = [*_missing(parts, len(assets), failures), *_cancelled(step_run, parts)]
        notes = [asset.note for asset in assets if asset.note]
        step_run.succeed(kind.finished_output(step_run, assets), warnings + notes)
    elif failures:
        step_run.fail(_worst(parts, failures))
    else:
        step_run.end_as(StepRun.Status.CANCELLED)


def _worst(parts: Sequence[Part], failures: Sequence[StepFailed]) -> StepFailed:
    """The failure of the part that may have cost most, with the words of the others after its."""
    outcomes = list(Outcome)
    found = [outcomes.index(Fault[part.fault].outcome) for part in parts if part.fault]
    worst = failures[found.index(max(found))]
    others = [failure.message for failure in failures if failure.message != worst.message]
    worst.message = " ".join(dict.fromkeys([worst.message, *others]))
    return worst


def _missing(parts: Sequence[Part], came: int, failures: Sequence[StepFailed]) -> Iterator[str]:
    asked = sum(part.slots for part in parts if part.state != Part.State.CANCELLED)
    if came < asked:
        reasons = dict.fromkeys(failure.message for failure in failures)
        yield " ".join([f"{came} of {asked} images came.", *reasons])


def _cancelled(step_run: StepRun, parts: Sequence[Part]) -> Iterator[str]:
    """What a cancel could still prevent, after all."""
    if step_run.run.cancel_requested_at is None:
        return
    wanted = sum(part.slots for part in parts)
    spared = sum(part.slots for part in parts if part.state == Part.State.CANCELLED)
    if spared:
        yield f"Cancelled: {spared} of {wanted} images were not asked for and cost nothing."
    else:
        yield "Cancelled when everything had been asked for: what came was kept and charged."
