"""Runs: started, read, cancelled and listed by programs."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Header, Query, Router, Status

from workflows import outcomes
from workflows.access import run_of_key, workflow_of_key
from workflows.api.description import told
from workflows.api.keys import key_of
from workflows.api.pages import page_of
from workflows.api.shapes import (
    RunAccepted,
    RunFilter,
    RunPage,
    RunRequest,
    RunSummary,
    StepOfRun,
    WholeRun,
)
from workflows.api.starting import call_of, form_key_of, start_once
from workflows.models import Run
from workflows.runs.cancel import cancel

router = Router(tags=["Runs"])


@router.post(
    "/workflows/{uuid:id}/runs",
    url_name="start-run",
    **told({202: RunAccepted}, 400, 409, 411, 413, 415, 422, 429),
)
def start_run(
    request: HttpRequest,
    response: HttpResponse,
    id: UUID,
    body: RunRequest | None = None,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1 to 255 characters of your own, such as a UUID. The same key with the"
            " same request is one run, and has the same answer; with another request it is"
            " refused.",
        ),
    ] = None,
) -> Status[RunAccepted]:
    """Run the whole workflow.

    It is queued, and the answer says where to follow it. What can be mended beforehand, such as a
    missing input, is refused with 422, and nothing is run or charged."""
    workflow = workflow_of_key(key_of(request), id)
    call = call_of(key_of(request), body.inputs if body else {})
    run, is_repeated = start_once(workflow, call, form_key_of(idempotency_key))
    response["Location"] = reverse("api:show-run", args=[run.pk])
    if is_repeated:
        response["Idempotent-Replayed"] = "true"
    # As it was accepted: a repetition has the same answer, however far the run is by now.
    return Status(202, RunAccepted(id=run.pk, status=Run.Status.QUEUED))


@router.get("/runs/{uuid:id}", url_name="show-run", **told({200: WholeRun}))
def show_run(request: HttpRequest, id: UUID) -> WholeRun:
    """A run with its steps.

    Ask again every second or two until `status` is succeeded, completed_with_errors, failed or
    cancelled."""
    return _whole(run_of_key(key_of(request), id))


@router.post("/runs/{uuid:id}/cancel", url_name="cancel-run", **told({200: WholeRun}))
def cancel_run(request: HttpRequest, id: UUID) -> WholeRun:
    """Cancel a run.

    What was not sent to a provider is not sent any more; what was is kept and charged when it
    comes, and until then the run goes on. A run that has ended stays as it is."""
    run = run_of_key(key_of(request), id)
    cancel(run.pk)
    run.refresh_from_db()
    return _whole(run)


@router.get("/runs", url_name="list-runs", **told({200: RunPage}, 422))
def list_runs(request: HttpRequest, response: HttpResponse, asked: Query[RunFilter]) -> RunPage:
    """The runs of the workspace, newest first."""
    key = key_of(request)
    runs = Run.objects.filter(workspace_id=key.workspace_id).defer("snapshot")
    if asked.workflow_id:
        runs = runs.filter(workflow=workflow_of_key(key, asked.workflow_id))
    if asked.status:
        runs = runs.filter(status=asked.status)
    rows, cursor = page_of(runs, asked, request, response)
    return RunPage(items=[RunSummary.of(run) for run in rows], next_cursor=cursor)


def _whole(run: Run) -> WholeRun:
    step_runs = list(run.step_runs.all())
    charges = outcomes.charges(step_runs)
    steps = [StepOfRun.of(each, charges.get(each.pk)) for each in step_runs]
    return WholeRun.of(run, inputs=run.snapshot["input_values"], steps=steps)
