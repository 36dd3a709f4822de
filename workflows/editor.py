"""What the editor page and its fragments show: one step open, its cards, its run."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from workflows import outcomes
from workflows.changes import differences
from workflows.contents import Contents, Obstacle, contents_of
from workflows.expected import workflow_cost
from workflows.kinds import Problem, StepKind, StepSettingsForm
from workflows.models import Step, StepRun
from workflows.pages import number_in
from workflows.progress import shown_progress
from workflows.states import State, in_full, in_short, outcome, state_of
from workflows.variables import Resolved, resolved, scope_of

SHOWN_PREVIEWS = 4


@dataclass
class StepCard:
    """A step in the column, with what came of it last."""

    step: Step
    is_open: bool
    last_run: StepRun | None
    previews: list[dict[str, str]] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    delete_question: str = ""

    @property
    def state(self) -> State:
        return in_short(self.last_run)

    @property
    def has_pictures(self) -> bool:
        return self.last_run is not None and self.last_run.status == StepRun.Status.SUCCEEDED

    @property
    def shown_previews(self) -> list[dict[str, str]]:
        return self.previews[:SHOWN_PREVIEWS]

    @property
    def more(self) -> int:
        """How many pictures there are besides."""
        return max(0, len(self.previews) - SHOWN_PREVIEWS)


def cards(contents: Contents, open_step: Step | None) -> list[StepCard]:
    latest = _latest_runs(contents.workflow.steps.all())
    shown = [
        StepCard(
            step,
            is_open=step == open_step,
            last_run=latest.get(step.pk),
            obstacles=contents.obstacles(step),
            delete_question=contents.delete_question(step),
        )
        for step in contents.steps
    ]
    _add_previews(shown)
    return shown


def cards_context(contents: Contents, open_step: Step | None) -> dict[str, Any]:
    shown = cards(contents, open_step)
    return {
        "workflow": contents.workflow,
        "workspace": contents.workflow.workspace,
        "step": open_step,
        "inputs": contents.inputs,
        "cards": shown,
        "all_obstacles": contents.all_obstacles,
        "workflow_cost": workflow_cost(contents.steps),
    }


def column_context(contents: Contents, open_step: Step | None) -> dict[str, Any]:
    """The column by itself, and with it what the header says of the step that is open."""
    state = state_of(open_step, shown_step_run(open_step)) if open_step else None
    return cards_context(contents, open_step) | {"state": state}


def _add_previews(shown: list[StepCard]) -> None:
    done = {card.last_run: card for card in shown if card.has_pictures and card.last_run}
    pictures = outcomes.pictures(done)
    for step_run, card in done.items():
        card.previews = pictures.get(step_run.pk, [])


def _latest_runs(steps: QuerySet[Step]) -> dict[Any, StepRun]:
    """The newest run of each of these steps, by the key of the step."""
    newest = StepRun.objects.filter(step=OuterRef("pk")).order_by("-run_number").values("pk")[:1]
    ids = steps.annotate(newest=Subquery(newest)).values_list("newest", flat=True)
    found = StepRun.objects.filter(pk__in=list(ids)).defer(*StepRun.LONG)
    return {step_run.step_id: step_run for step_run in found}


def shown_step_run(step: Step, number: str | None = None) -> StepRun | None:
    """The run that the Output tab shows: the one asked for, else the newest."""
    step_runs = step.runs.select_related("run", "completes").defer("run__snapshot")
    step_runs = step_runs.order_by("-run_number")
    wanted = number_in(number)
    asked = step_runs.filter(run_number=wanted).first() if wanted else None
    return asked or step_runs.first()


def neighbours(step_run: StepRun) -> dict[str, int | None]:
    runs = StepRun.objects.filter(step=step_run.step_id).order_by("run_number")
    numbers = runs.values_list("run_number", flat=True)
    return {
        "previous": numbers.filter(run_number__lt=step_run.run_number).last(),
        "next": numbers.filter(run_number__gt=step_run.run_number).first(),
    }


def run_context(step: Step, step_run: StepRun | None) -> dict[str, Any]:
    """`step_run`: a run of the step; None before the first."""
    if step_run is None:
        return against_settings_context(step, None)
    waiting_for = _step_before_it(step_run)
    beside = neighbours(step_run)
    is_newest = beside["next"] is None
    return {
        "step_run": step_run,
        "run": step_run.run,
        "look": outcome(step_run).look,
        "in_full": in_full(step_run),
        "neighbours": beside,
        "is_newest": is_newest,
        **(against_settings_context(step, step_run) if is_newest else {}),
        "waiting_for": waiting_for,
        "is_used": step.used_run_id == step_run.pk,
        "again_key": secrets.token_urlsafe(16),
        **step_run.step_kind.run_context(step_run),
    }


def against_settings_context(step: Step, newest: StepRun | None) -> dict[str, Any]:
    """How the newest run stands to the settings as they are now; before a first run, what it will
    bring."""
    if newest is None:
        return {
            "step_run": None,
            "step_kind": step.step_kind,
            **step.step_kind.sketch_context(step),
        }
    changed = differences(step, newest) if newest.is_finished else []
    return {"step_run": newest, "run": newest.run, "differences": changed}


def _step_before_it(step_run: StepRun) -> StepRun | None:
    """In a run of the whole workflow: the step that this one is queued behind."""
    if step_run.status != StepRun.Status.QUEUED:
        return None
    before = step_run.run.step_runs.filter(position__lt=step_run.position)
    return before.filter(status__in=StepRun.UNFINISHED).first()


def settings_context(
    step: Step,
    contents: Contents,
    newest: StepRun | None,
    form: StepSettingsForm | None = None,
) -> dict[str, Any]:
    """The settings form and everything beside it, as it stands on the screen, stored or not. A
    form key is good for one run; `newest` is the newest of the step."""
    kind = step.step_kind
    form = kind.form(step) if form is None else form
    scope = scope_of(step, contents.steps, contents.inputs)
    texts = kind.texts(form.settings)
    filled = {field: resolved(text, scope) for field, text in texts.items()}
    when_filled = _when_filled(form, kind, filled)
    return {
        "step": step,
        "step_kind": kind,
        "form": form,
        "form_key": secrets.token_urlsafe(16),
        "known": scope.known,
        "resolved": filled,
        "problems": contents.problems(step, form.settings) or when_filled,
        "obstacles": contents.obstacles(step, form.settings, when_filled),
        "state": state_of(step, newest),
        "delete_question": contents.delete_question(step),
        **kind.left_context(step),
    }


def _when_filled(
    form: StepSettingsForm, kind: StepKind, filled: dict[str, Resolved]
) -> list[Problem]:
    """What is wrong only once references are replaced by their values, such as the length."""
    if any(each.why for each in filled.values()):
        return []
    texts = {field: each.text for field, each in filled.items()}
    return kind.problems(kind.with_texts(form.settings, texts))


def editor_context(
    request: HttpRequest, step: Step, tab: str, *, form: StepSettingsForm | None = None
) -> dict[str, Any]:
    newest = shown_step_run(step)
    asked = request.GET.get("run")
    contents = contents_of(step.workflow)
    return {
        **cards_context(contents, step),
        "tab": tab,
        **settings_context(step, contents, newest, form),
        **run_context(step, shown_step_run(step, asked) if asked else newest),
        "progress": shown_progress(step.workflow),
    }
