"""The state of a step in a word or two, as it is drawn wherever a step or a run of it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from workflows.changes import differences
from workflows.models import Step, StepRun


class Look(NamedTuple):
    icon: str
    word: str
    longer: str = ""

    @property
    def in_full(self) -> str:
        """Where there is room."""
        return self.longer or self.word


LOOKS = {
    "idle": Look("circle", "Not run"),
    "queued": Look("clock", "Queued"),
    "running": Look("loader-circle", "Running"),
    "succeeded": Look("circle-check", "Done", "Succeeded"),
    "warned": Look("triangle-alert", "Done", "Succeeded"),
    "partly": Look("triangle-alert", ""),  # its word is how much came
    "changed": Look("pencil", "Changed"),
    "failed": Look("circle-alert", "Failed"),
    "refused": Look("circle-alert", "Refused"),
    "not_started": Look("circle-alert", "Not started"),
    "unknown": Look("circle-question-mark", "Unknown", "Outcome unknown"),
    "continued": Look("triangle-alert", "Continued"),
    "cancelled": Look("circle-slash", "Cancelled"),
    "skipped": Look("circle-slash", "Skipped"),
}


@dataclass(frozen=True)
class State:
    look: str
    word: str
    since: datetime | None = None
    """When the request left that is still open: the time since then stands beside the word."""
    until: datetime | None = None
    """When it goes on by itself: then the time until then."""


def look(step_run: StepRun) -> str:
    """How its state is drawn: its status, but amber for what is neither good nor bad."""
    if step_run.status == StepRun.Status.SUCCEEDED and step_run.warnings:
        return "warned"
    if step_run.status != StepRun.Status.FAILED:
        return step_run.status
    if which_failure(step_run.error or {}) == "unknown":
        return "unknown"
    return "continued" if step_run.continues else "failed"


def which_failure(error: Mapping[str, Any]) -> str:
    """By its key in the table. Errors that earlier versions stored do not say whether it was tried,
    but without a provider it cannot have been."""
    if error.get("is_unknown"):
        return "unknown"
    if error.get("error_code") == "moderation_blocked":
        return "refused"
    return "failed" if error.get("was_tried", error.get("provider")) else "not_started"


def outcome(step_run: StepRun) -> State:
    """Of one run by itself, whatever has become of its step."""
    if came_after_cancel(step_run):
        return State("cancelled", LOOKS["cancelled"].word)
    succeeded = step_run.status == StepRun.Status.SUCCEEDED
    shortfall = step_run.step_kind.shortfall(step_run) if succeeded else ""
    return State("partly", shortfall) if shortfall else in_short(step_run)


def came_after_cancel(step_run: StepRun) -> bool:
    """Whether what it brought was on its way already when the run was cancelled."""
    requested, finished = step_run.run.cancel_requested_at, step_run.finished_at
    is_late = bool(requested and finished and finished > requested)
    return is_late and step_run.status == StepRun.Status.SUCCEEDED


def in_short(step_run: StepRun | None) -> State:
    """The same without its output, which may be long: of many steps at once."""
    if step_run is None:
        return State("idle", LOOKS["idle"].word)
    drawn = look(step_run)
    name = which_failure(step_run.error or {}) if drawn == "failed" else drawn
    return State(drawn, LOOKS[name].word)


def in_full(step_run: StepRun) -> str:
    """The outcome of a run, and whether later steps ran all the same."""
    if not step_run.error:
        ended = outcome(step_run)
        return LOOKS[ended.look].in_full or f"Succeeded, {ended.word} came"
    words = LOOKS[which_failure(step_run.error)].in_full
    return f"{words}, the workflow went on" if step_run.continues else words


def state_of(step: Step, newest: StepRun | None) -> State:
    """What came of its newest run, or how far that is."""
    if newest is None:
        return in_short(None)
    if not newest.is_finished:
        return _going(newest)
    return State("changed", LOOKS["changed"].word) if differences(step, newest) else _ended(newest)


def _going(step_run: StepRun) -> State:
    kind = step_run.step_kind
    if step_run.run.is_cancelling:
        return State("running", "Cancelling", kind.sent_at(step_run))
    activity = kind.activity(step_run)
    since = None if activity.until else kind.sent_at(step_run)
    return State(step_run.status, activity.words, since, activity.until)


def _ended(step_run: StepRun) -> State:
    ended = outcome(step_run)
    if step_run.status != StepRun.Status.SUCCEEDED:
        is_free = ended.word == LOOKS["not_started"].word
        return State(ended.look, f"{ended.word} · $0") if is_free else ended
    if ended.look == "partly":
        return ended
    cost = step_run.step_kind.run_costs([step_run]).get(step_run.pk)
    amount = cost and (cost.simulated_text or cost.charged_text)
    return State(ended.look, f"{ended.word} · {amount}" if amount else ended.word)
