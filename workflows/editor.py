"""What the editor page and its fragments show: one step open, its cards, its run."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from workflows import deletion
from workflows.kinds import Problem, StepSettingsForm
from workflows.models import Step, StepRun, Workflow
from workflows.problems import problems_of
from workflows.variables import resolved, scope_of

SHOWN_PREVIEWS = 4


@dataclass
class StepCard:
    """A step in the column, with what came of it last."""

    step: Step
    is_open: bool
    last_run: StepRun | None
    previews: list[dict[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    delete_question: str = ""

    @property
    def look(self) -> str:
        return look(self.last_run) if self.last_run else "idle"

    @property
    def is_done(self) -> bool:
        return self.look == StepRun.Status.SUCCEEDED

    @property
    def shown_previews(self) -> list[dict[str, str]]:
        return self.previews[:SHOWN_PREVIEWS]

    @property
    def more(self) -> int:
        """How many pictures there are besides."""
        return max(0, len(self.previews) - SHOWN_PREVIEWS)


def look(step_run: StepRun) -> str:
    """How its state is drawn: its status, and of failures those that are no plain failure."""
    if step_run.status != StepRun.Status.FAILED:
        return step_run.status
    if (step_run.error or {}).get("is_unknown"):
        return "unknown"
    return "continued" if step_run.continues else "failed"


def cards(workflow: Workflow, open_step: Step | None) -> list[StepCard]:
    steps = list(workflow.steps.select_related("used_run__run"))
    names = set(workflow.inputs.values_list("name", flat=True))
    latest = _latest_runs(workflow.steps.all())
    used = deletion.uses(steps)
    shown = [
        StepCard(
            step,
            is_open=step == open_step,
            last_run=latest.get(step.pk),
            problems=problems_of(step, steps, names),
            delete_question=deletion.question(step, used.get(step.identifier, [])),
        )
        for step in steps
    ]
    _add_previews(shown)
    return shown


def cards_context(workflow: Workflow, open_step: Step | None) -> dict[str, Any]:
    return {
        "workflow": workflow,
        "workspace": workflow.workspace,
        "step": open_step,
        "inputs": workflow.inputs.all(),
        "cards": cards(workflow, open_step),
    }


def _add_previews(shown: list[StepCard]) -> None:
    """The pictures of all cards, by one question to each kind."""
    for kind in {card.step.step_kind for card in shown}:
        done = [card for card in shown if card.is_done and card.step.step_kind is kind]
        pictures = kind.previews([card.last_run for card in done if card.last_run])
        for card in done:
            card.previews = pictures.get(card.last_run.pk, []) if card.last_run else []


def problems_drawn(step: Step, steps: list[Step], form: StepSettingsForm) -> list[Problem]:
    """What is wrong with the settings as they stand on the screen, stored or not."""
    names = set(step.workflow.inputs.values_list("name", flat=True))
    return problems_of(step, steps, names, form.settings)


def _latest_runs(steps: QuerySet[Step]) -> dict[Any, StepRun]:
    """The newest run of each of these steps, by the key of the step."""
    newest = StepRun.objects.filter(step=OuterRef("pk")).order_by("-run__number").values("pk")[:1]
    ids = steps.annotate(newest=Subquery(newest)).values_list("newest", flat=True)
    found = StepRun.objects.filter(pk__in=list(ids)).select_related("run")
    return {step_run.step_id: step_run for step_run in found}


def shown_step_run(step: Step, number: str | None = None) -> StepRun | None:
    """The run that the Output tab shows: the one asked for, else the newest."""
    step_runs = step.runs.select_related("run").order_by("-run__number")
    if wanted := run_number(number):
        return step_runs.filter(run__number=wanted).first()
    return step_runs.first()


def run_number(text: str | None) -> int | None:
    """What an address says, when it is a number that a run can have."""
    is_number = text and text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if text and is_number else None


def neighbours(step_run: StepRun) -> dict[str, int | None]:
    numbers = StepRun.objects.filter(step=step_run.step).order_by("run__number")
    before = numbers.filter(run__number__lt=step_run.run.number).last()
    after = numbers.filter(run__number__gt=step_run.run.number).first()
    return {
        "previous": before.run.number if before else None,
        "next": after.run.number if after else None,
    }


def run_context(step_run: StepRun | None) -> dict[str, Any]:
    if step_run is None:
        return {"step_run": None}
    waiting_for = _step_before_it(step_run)
    return {
        "step_run": step_run,
        "run": step_run.run,
        "look": look(step_run),
        "neighbours": neighbours(step_run),
        "waiting_for": waiting_for,
        "is_used": step_run.step is not None and step_run.step.used_run_id == step_run.pk,
        "again_key": secrets.token_urlsafe(16),
        **step_run.step_kind.run_context(step_run),
    }


def _step_before_it(step_run: StepRun) -> StepRun | None:
    """In a run of the whole workflow: the step that this one is queued behind."""
    if step_run.status != StepRun.Status.QUEUED:
        return None
    before = step_run.run.step_runs.filter(position__lt=step_run.position)
    return before.filter(status__in=StepRun.UNFINISHED).first()


def settings_context(step: Step, form: StepSettingsForm | None = None) -> dict[str, Any]:
    """The settings form and everything beside it. A form key is good for one run."""
    kind = step.step_kind
    form = kind.form(step) if form is None else form
    steps = list(step.workflow.steps.all())
    uses = deletion.uses(steps).get(step.identifier, [])
    scope = scope_of(step)
    texts = kind.texts(form.settings)
    return {
        "step": step,
        "step_kind": kind,
        "form": form,
        "form_key": secrets.token_urlsafe(16),
        "variables": scope.rows,
        "known": scope.known,
        "resolved": {field: resolved(text, scope) for field, text in texts.items()},
        "problems": problems_drawn(step, steps, form),
        "delete_question": deletion.question(step, uses),
        **kind.left_context(step),
    }


def editor_context(
    request: HttpRequest, step: Step, tab: str, *, form: StepSettingsForm | None = None
) -> dict[str, Any]:
    step_run = shown_step_run(step, request.GET.get("run"))
    return {
        **cards_context(step.workflow, step),
        "tab": tab,
        **settings_context(step, form),
        **run_context(step_run),
    }
