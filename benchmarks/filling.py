"""A workspace after a year of work: many steps, many runs of each, and very many images."""

import io
import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model
from django.utils.timezone import now
from PIL import Image

from benchmarks.rows import finished_run
from workflows.models import Run, Step, User, Workflow, Workspace
from workflows.runs.snapshot import snapshot

MODELS = ("gpt-image-2", "gpt-image-2", "grok-imagine-image", "gemini-2.5-flash-image")
VALUES = {"product": "a blue insulated water bottle", "mood": "soft morning"}
PROMPT = "A product photo of {{product}} in {{mood}} light on a clean studio background."
PALETTE = " Keep the palette of {{step_%d.output.assets.0.file_url}}, and leave room for a title."


@transaction.atomic
def fill(
    workspace: Workspace, user: User, *, steps: int, runs: int, images: Sequence[int]
) -> Workflow:
    """A workflow whose steps have so many runs each; `images` says how many images a run has, in
    turn."""
    workflow = _workflow(workspace, steps, newest_images=images[(runs - 1) % len(images)])
    made = _runs(list(workflow.steps.all()), runs, user)
    Run.objects.bulk_create(made, batch_size=500)
    workflow.last_run_number = len(made)
    workflow.save()
    picture = default_storage.save("small.webp", ContentFile(_small_picture()))
    rows: dict[type[Model], list[Any]] = defaultdict(list)
    for run in made:
        turn = (run.number - 1) // steps
        for row in finished_run(run, images[turn % len(images)], picture):
            rows[type(row)].append(row)
    for kind, of_kind in rows.items():
        kind._default_manager.bulk_create(of_kind, batch_size=500)
    return workflow


def _workflow(workspace: Workspace, steps: int, newest_images: int) -> Workflow:
    """Its settings are those of the newest run of each step."""
    workflow = Workflow.objects.create(workspace=workspace, name="Catalogue of the season")
    for name, value in VALUES.items():
        workflow.inputs.create(workspace=workspace, label=name, name=name, test_value=value)
    for number in range(steps):
        step = workflow.add_step(name=f"Hero image {number + 1}")
        step.settings["prompt"] = PROMPT + (PALETTE % number if number else "")
        step.settings["model"] = MODELS[number % len(MODELS)]
        step.settings["image_count"] = newest_images
        step.save()
    return workflow


def _runs(steps: Sequence[Step], turns: int, user: User) -> list[Run]:
    snapshots = {step: snapshot(step.workflow, [step], VALUES, {}) for step in steps}
    return [
        Run(
            workspace_id=step.workspace_id,
            workflow=step.workflow,
            number=turn * len(steps) + place,
            step=step,
            status=Run.Status.SUCCEEDED,
            snapshot=snapshots[step],
            form_key=secrets.token_urlsafe(16),
            started_by=user,
            started_at=now(),
            finished_at=now(),
        )
        for turn in range(turns)
        for place, step in enumerate(steps, 1)
    ]


def _small_picture() -> bytes:
    """The thumbnail of all images: what is measured is how soon they are shown, not what."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 640), "steelblue").save(buffer, "WEBP")
    return buffer.getvalue()
