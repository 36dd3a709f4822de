"""What refers to an image, and would find nothing any more if it were deleted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from imagegen.assets.models import Asset
from workflows.models import Input, Step, Workflow, Workspace
from workflows.references import references_in, shortened
from workflows.runs.sources import runs_used_by_later_steps
from workflows.uses import uses_in


@dataclass(frozen=True)
class Referrer:
    workflow: Workflow
    what: str
    """Such as "Banner (step_2)"."""
    written: tuple[str, ...]
    """The references as they are written; the address where somebody has pasted it."""
    address: str
    """Where it can be changed."""


def referrers(workspace: Workspace, assets: Sequence[Asset]) -> dict[UUID, list[Referrer]]:
    """By the key of the asset; one that nothing refers to is left out. Of the runs of a step only
    that counts whose output later steps are tested with. Four questions, however many assets."""
    steps = _steps(workspace)
    found: dict[UUID, list[Referrer]] = defaultdict(list)
    used = _in_use(assets)
    for asset in assets:
        if asset.step_run_id in used:
            found[asset.pk] += _by_reference(asset, steps[asset.step_run.run.workflow_id])
    for asset, referrer in _by_address(workspace, assets, steps):
        found[asset.pk].append(referrer)
    return {key: those for key, those in found.items() if those}


def _steps(workspace: Workspace) -> dict[UUID, list[Step]]:
    """Of all workflows that are not deleted, in their order."""
    steps = Step.objects.filter(workspace=workspace, workflow__deleted_at=None)
    by_workflow: dict[UUID, list[Step]] = defaultdict(list)
    for step in steps.select_related("workflow", "workspace").order_by("workflow", "position"):
        by_workflow[step.workflow_id].append(step)
    return by_workflow


def _in_use(assets: Sequence[Asset]) -> set[UUID]:
    steps = Step.objects.filter(runs__in={asset.step_run_id for asset in assets}).distinct()
    return {step_run.pk for step_run in runs_used_by_later_steps(steps).values()}


def _by_reference(asset: Asset, steps: Sequence[Step]) -> list[Referrer]:
    place = place_in_output(asset)
    return [
        _step_that_refers(use.step, written)
        for use in uses_in(steps).get(asset.step_run.identifier, [])
        if (written := [text for text in use.references if _covers(text, place)])
    ]


def place_in_output(asset: Asset) -> str:
    kept = (asset.step_run.output or {}).get("assets", [])
    ids = [each["id"] for each in kept]
    return str(ids.index(str(asset.pk))) if str(asset.pk) in ids else ""


def _covers(text: str, place: str) -> bool:
    """Whether a reference inserts something of the image, or everything."""
    return any(
        reference.path in (("output",), ("output", "assets"))
        or reference.path[:3] == ("output", "assets", place)
        for reference in references_in(text)
    )


def _by_address(
    workspace: Workspace, assets: Sequence[Asset], steps: dict[UUID, list[Step]]
) -> list[tuple[Asset, Referrer]]:
    """Where somebody has pasted the address itself, in a step or as the value of an input."""
    places = [
        (text, _step_that_refers(step, ["its address"]))
        for those in steps.values()
        for step in those
        for text in step.step_kind.texts(step.settings).values()
        if "/files/" in text
    ]
    places += [(f"{each.test_value} {each.default}", _value(each)) for each in _inputs(workspace)]
    return [(asset, place) for asset in assets for text, place in places if asset.token in text]


def _inputs(workspace: Workspace) -> Sequence[Input]:
    with_address = Q(test_value__contains="/files/") | Q(default__contains="/files/")
    live = Input.objects.filter(workspace=workspace, workflow__deleted_at=None)
    return list(live.filter(with_address).select_related("workflow", "workspace"))


def _step_that_refers(step: Step, written: Sequence[str]) -> Referrer:
    ids = (step.workspace.slug, step.workflow_id, step.identifier)
    return Referrer(
        step.workflow,
        f"{step.name} ({step.identifier})",
        tuple(dict.fromkeys(map(shortened, written))),
        reverse("workflows:step-settings", args=ids),
    )


def _value(input: Input) -> Referrer:
    edit = reverse("workflows:edit-inputs", args=[input.workspace.slug, input.workflow_id])
    return Referrer(input.workflow, f"the value of {input.label}", ("its address",), edit)
