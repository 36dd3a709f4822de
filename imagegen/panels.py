"""What the Output tab and the side of the form show about money, storage and images."""

from typing import Any
from uuid import UUID

from django.conf import settings

from imagegen.assets.models import Storage
from imagegen.attempts.models import Part
from imagegen.attempts.saving import unsaved
from imagegen.billing.keys import is_simulated, standing
from imagegen.billing.prices import cents
from imagegen.billing.wallet import this_month, wallet_for
from imagegen.comparison import comparison, revised_prompts
from imagegen.cost import cost_of
from imagegen.durations import usual
from imagegen.failure import failure_of
from imagegen.journal import Journal
from imagegen.lightbox import panels_of
from imagegen.output import settings_of
from imagegen.posted import known_model
from imagegen.progress import activity_of, cancellable
from imagegen.provider_keys.store import live_keys
from imagegen.providers import registry
from imagegen.slots import missing_images, ratio_of, slots_of
from imagegen.waits import Wait, reason_of, wait_of
from workflows.models import Step, StepRun, Workspace
from workflows.variables import Variable, tree


def run_context(step_run: StepRun) -> dict[str, Any]:
    journal = Journal.of(step_run)
    slots = slots_of(journal)
    stored = sum(1 for slot in slots if slot.asset)
    wait = wait_of(journal.parts)
    return {
        "slots": slots,
        "stored": stored,
        "came": len(journal.assets),
        "activity": activity_of(step_run, journal.parts, stored, len(slots), wait),
        **_waiting(wait, journal),
        "unsaved": unsaved(step_run).exists(),
        "simulated": any(part.simulated for part in journal.parts),
        "asked": step_run.filled or step_run.settings,
        "ratio": ratio_of(step_run.settings, journal.assets),
        "failure": failure_of(journal),
        "remedy": _remedy(step_run),
        **_limits(step_run),
        **({} if step_run.run.is_finished else cancellable(step_run.run)),
        **(_result(journal) if step_run.is_finished else _expected(journal)),
        **_attempts(journal),
        "cost": cost_of(journal),
        "panels": panels_of(journal),
    }


def _waiting(wait: Wait | None, journal: Journal) -> dict[str, Any]:
    if wait is None:
        return {}
    reason = None if wait.is_for_storage else reason_of(wait, journal.attempts)
    return {"wait": wait, "until": wait.until, "reason": reason}


def _result(journal: Journal) -> dict[str, Any]:
    step_run = journal.step_run
    output = step_run.output_for_later_steps
    used = output["settings"] if output else settings_of(step_run.filled or step_run.settings)
    return {
        "output_object": output,
        "tree": _tree(output, f"{step_run.identifier}.output") if output else [],
        "compared": comparison(used, journal),
        **_missing(journal),
        "revised_prompts": revised_prompts(journal.attempts),
    }


def _tree(output: dict[str, Any], root: str) -> list[Variable]:
    """What one mostly comes for is open: the first image."""
    others = [f"{root}.assets.{index}" for index in range(1, len(output["assets"]))]
    return tree(output, root, folded={f"{root}.settings", *others})


def _missing(journal: Journal) -> dict[str, Any]:
    """How many images can be asked for once more, and what to ask before that is done."""
    missing = missing_images(journal.step_run, len(journal.assets))
    may_exist = any(part.state == Part.State.UNKNOWN for part in journal.parts)
    question = "What is missing may have been made and billed already. Generate it anew?"
    return {"missing": missing, "missing_question": question if may_exist else ""}


def _expected(journal: Journal) -> dict[str, Any]:
    """How long it usually takes, and what comes first: both are known once it is planned."""
    if not journal.parts:
        return {}
    first = journal.parts[0]
    return {"usual": usual(journal.step_run, first), "ahead": _ahead(first)}


def _ahead(part: Part) -> int:
    """How many requests of the workspace wait before it; 0 once it is on its way."""
    if part.state != Part.State.DUE:
        return 0
    due = Part.objects.due().filter(workspace_id=part.workspace_id)
    return due.filter(created_at__lt=part.created_at).exclude(step_run=part.step_run_id).count()


def _attempts(journal: Journal) -> dict[str, Any]:
    parts, attempts = journal.parts, journal.attempts
    numbers = {part.pk: part.number for part in parts} if len(parts) > 1 else {}
    return {
        "attempts": [(attempt, numbers.get(attempt.part_id)) for attempt in attempts],
        "sent_at": min((attempt.started_at for attempt in attempts), default=None),
    }


def _remedy(step_run: StepRun) -> dict[str, str] | None:
    """The choice that mends what went wrong, while the step still has the one that did not."""
    asked = step_run.settings.get("model")
    if not step_run.error or step_run.error["error_code"] != "model_retired":
        return None
    successor = known_model(asked, step_run.settings).successor
    if not successor or not step_run.step or step_run.step.settings.get("model") != asked:
        return None
    return {"field": "model", "value": successor, "label": f"Use {successor}"}


def left_context(step: Step) -> dict[str, Any]:
    """Of the wallet that the step's model is paid from."""
    simulated = _simulated(step.settings)
    return {
        "storage": _storage(step.workspace_id),
        "available": _available(step.workspace_id, simulated),
        "is_simulated": simulated,
        "standings": standings(step.workspace),
    }


def _storage(workspace_id: UUID) -> Storage | None:
    return Storage.objects.filter(pk=workspace_id).first()


def _available(workspace_id: UUID, simulated: bool) -> str:
    wallet = wallet_for(workspace_id, simulated=simulated)
    return cents(wallet.available) if wallet else ""


def _limits(step_run: StepRun) -> dict[str, Any]:
    """What was in the way of a run that failed, as it is now; as it was then says its sentence."""
    match (step_run.error or {}).get("error_code"):
        case "asset_storage_limit_reached":
            return {"storage_now": _storage(step_run.workspace_id)}
        case "insufficient_hosted_credits":
            simulated = _simulated(step_run.settings)
            return {"available_now": _available(step_run.workspace_id, simulated)}
        case "spend_cap_reached":
            purse = wallet_for(step_run.workspace_id, simulated=_simulated(step_run.settings))
            return {"month_now": purse.month_text(this_month()) if purse else ""}
    return {}


def _simulated(asked: dict[str, Any]) -> bool:
    """Whether a hosted run by these settings is the sandbox's."""
    return is_simulated(known_model(asked.get("model"), asked).route.name)


def standings(workspace: Workspace) -> dict[str, list[str]]:
    """The providers by what their hosted runs are: live, simulated, or without a key; and those
    that the workspace has a key of its own for."""
    found: dict[str, list[str]] = {"live": [], "simulated": [], "no key": []}
    for name, route in settings.PROVIDER_ROUTES.items():
        label = registry.get(route["provider"]).label
        if label not in found[standing(name)]:
            found[standing(name)].append(label)
    found["personal"] = [registry.get(provider).label for provider in sorted(live_keys(workspace))]
    return {word: labels for word, labels in found.items() if labels}
