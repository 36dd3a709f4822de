"""The page of the inputs: a card for each, and the way back to the step it was opened from."""

from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from workflows.access import View, fragment_login_required
from workflows.models import Input, Step, Workflow
from workflows.references import STEP
from workflows.uses import Use, counted, question, uses_in
from workflows.views.input_forms import InputForm


def signed_in_for_a_form(view: View) -> View:
    """For a form that htmx posts, or without JavaScript the browser."""
    by_htmx, by_browser = fragment_login_required(view), login_required(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return (by_htmx if "HX-Request" in request.headers else by_browser)(
            request, *args, **kwargs
        )

    return answer


def address(name: str, *args: Any) -> str:
    return reverse(f"workflows:{name}", args=args)


def to_the_page(
    request: HttpRequest, workflow: Workflow, at: Input | None = None, **said: str
) -> HttpResponse:
    """`at`: the input whose card is shown; `said`: what the page is told besides."""
    path = address("edit-inputs", workflow.workspace.slug, workflow.pk)
    query = urlencode(came_from(request) | said)
    place = f"#input-{at.pk}" if at else ""
    return redirect(f"{path}?{query}{place}" if query else path + place)


def came_from(request: HttpRequest) -> dict[str, str]:
    """The step that the page was opened from, as every address of the page carries it along."""
    identifier = request.GET.get("from", "")
    return {"from": identifier} if STEP.fullmatch(identifier) else {}


def new_input(workflow: Workflow) -> Input:
    last = workflow.inputs.last()
    position = last.position + 1 if last else 1
    return Input(workspace=workflow.workspace, workflow=workflow, position=position)


@dataclass(frozen=True)
class InputCard:
    """An input in a form of its own."""

    form: InputForm
    uses: list[Use]
    number: int
    count: int

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.count

    @property
    def place(self) -> str:
        return f"{self.number} of {self.count}"

    @property
    def used(self) -> str:
        return counted(self.uses) if self.uses else ""

    @property
    def question(self) -> str:
        """Before it is deleted: what that would break."""
        return question(f"Delete the input “{self.form.input.label}”?", self.uses)


def page(
    request: HttpRequest, workflow: Workflow, refused: InputForm | None = None
) -> HttpResponse:
    """All inputs, each in a form of its own; the refused one as it was typed."""
    if refused:
        refused.focus_first_problem()
    adding = refused if refused and refused.input._state.adding else None
    steps = list(workflow.steps.all())
    cards = _cards(workflow, steps, refused)
    identifier = came_from(request).get("from")
    back_to = next((step for step in steps if step.identifier == identifier), None)
    context = {
        "back": _back(workflow, back_to),
        "carried": f"?from={identifier}" if back_to else "",
        "workflow": workflow,
        "workspace": workflow.workspace,
        "cards": cards,
        "new_form": adding or InputForm(new_input(workflow)),
        "new_is_open": bool(adding),
        "moved": _named(cards, request.GET.get("moved")),
        "saved": _named(cards, request.GET.get("saved")),
        "way": request.GET.get("way"),
    }
    return render(request, "workflows/edit_inputs.html", context, status=_status(refused))


def _back(workflow: Workflow, step: Step | None) -> str:
    of_workflow = (workflow.workspace.slug, workflow.pk)
    if step is None:
        return address("open-workflow", *of_workflow)
    return address("step-settings", *of_workflow, step.identifier)


def _named(cards: list[InputCard], id: str | None) -> InputCard | None:
    return next((card for card in cards if str(card.form.input.pk) == id), None)


def _status(refused: InputForm | None) -> int:
    if refused is None:
        return 200
    return 409 if refused.conflict else 422


def _cards(workflow: Workflow, steps: list[Step], refused: InputForm | None) -> list[InputCard]:
    inputs = list(workflow.inputs.all())
    uses = uses_in(steps)
    return [
        InputCard(
            form=refused if refused and refused.input.pk == input.pk else InputForm(input),
            uses=uses.get(input.name, []),
            number=number,
            count=len(inputs),
        )
        for number, input in enumerate(inputs, 1)
    ]
