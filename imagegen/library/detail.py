"""One image: where it came from, what it cost, and what refers to it."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from imagegen.assets.models import Asset
from imagegen.billing.shares import costs_per_image
from imagegen.comparison import comparison, revised_prompts
from imagegen.journal import Journal
from imagegen.library.references import place_in_output, referrers
from imagegen.output import settings_of
from workflows.money import dollars


def about(asset: Asset) -> dict[str, Any]:
    step_run = asset.step_run
    journal = Journal.of(step_run)
    asked = step_run.filled or step_run.settings
    used = step_run.output["settings"] if step_run.output else settings_of(asked)
    refer = {} if asset.deleted_at else referrers(asset.workspace, [asset])
    return {
        "asset": asset,
        "step_run": step_run,
        "run": step_run.run,
        "workflow": step_run.run.workflow,
        "asked": asked,
        "reference": _reference(asset),
        "referrers": refer.get(asset.pk, []),
        "compared": comparison(used, journal),
        "attempts": journal.attempts,
        "stored": len(journal.assets),
        "revised_prompts": revised_prompts(journal.attempts),
        "kept": timedelta(days=settings.TRASH_DAYS),
        **_cost(asset, journal),
    }


def _reference(asset: Asset) -> str:
    """Empty when its step is deleted: a reference would lead nowhere."""
    step_run, place = asset.step_run, place_in_output(asset)
    if not place or step_run.step is None or step_run.step.deleted_at:
        return ""
    return f"{{{{{step_run.identifier}.output.assets.{place}.file_url}}}}"


def _cost(asset: Asset, journal: Journal) -> dict[str, Any]:
    """One request may have made several images, and has one charge."""
    charge = next((each for each in journal.charges if each.part_id == asset.part_id), None)
    if charge is None:
        return {"charge": None}
    images = [each for each in journal.assets if each.part_id == asset.part_id]
    return {
        "charge": charge,
        "share": costs_per_image(images, [charge], journal.corrected)[asset.pk],
        "charged": dollars(charge.amount_micro + journal.corrected.get(asset.part_id, 0)),
        "listed": dollars(charge.list_micro),
        "images_of_request": len(images),
    }
