"""A workflow as a file carries it: what may be in there, and nothing else.

Export, import, *Duplicate* and the frozen copy of a run are all made of this.
"""

import re
from collections.abc import Collection
from itertools import count
from typing import Annotated, Any, Literal

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workflows.models import Input, Step, Workflow, Workspace

MOST_INPUTS = 100
MOST_STEPS = 100
LONGEST_NAME = 100
COPY = re.compile(r" copy(?: [0-9]+)?\Z")

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)
]
InputName = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_]*\z")]
Identifier = Annotated[str, StringConstraints(pattern=r"^step_[1-9][0-9]{0,7}\z")]


class Description(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class InputDescription(Description):
    label: Name
    name: InputName
    type: Literal["text", "number", "select", "json_list"] = "text"
    required: bool = True
    default: str = ""
    example: str = ""
    options: list[str] = []
    test_value: str = ""


class StepDescription(Description):
    identifier: Identifier
    name: Name
    kind: str
    settings: dict[str, Any]
    failure_policy: Literal["terminate", "continue"] = "terminate"


class WorkflowDescription(Description):
    name: Name
    inputs: list[InputDescription] = Field([], max_length=MOST_INPUTS)
    steps: list[StepDescription] = Field([], max_length=MOST_STEPS)


def describe(workflow: Workflow) -> WorkflowDescription:
    """As it is stored; what is stored was checked when it was written."""
    return WorkflowDescription.model_construct(
        name=workflow.name,
        inputs=[describe_input(input) for input in workflow.inputs.all()],
        steps=[describe_step(step) for step in workflow.steps.all()],
    )


def describe_input(input: Input) -> InputDescription:
    fields = {name: getattr(input, name) for name in InputDescription.model_fields}
    return InputDescription.model_construct(**fields)


def describe_step(step: Step) -> StepDescription:
    fields = {name: getattr(step, name) for name in StepDescription.model_fields}
    return StepDescription.model_construct(**fields)


@transaction.atomic
def make(
    described: WorkflowDescription, workspace: Workspace, last_step_number: int = 0
) -> Workflow:
    """A workflow as described. Its counter is never below an identifier, so that none is used
    twice."""
    numbers = [int(step.identifier.removeprefix("step_")) for step in described.steps]
    workflow = Workflow.objects.create(
        workspace=workspace,
        name=described.name,
        last_step_number=max([last_step_number, *numbers]),
    )
    rows = {"workspace": workspace, "workflow": workflow}
    Input.objects.bulk_create(
        Input(**rows, position=position, **dict(input))
        for position, input in enumerate(described.inputs, 1)
    )
    Step.objects.bulk_create(
        Step(**rows, position=position, **dict(step))
        for position, step in enumerate(described.steps, 1)
    )
    return workflow


def name_of_a_copy(name: str, taken: Collection[str]) -> str:
    """“… copy”, “… copy 2” and so on: the first that is not taken. A copy of a copy counts on."""
    original = COPY.sub("", name)
    for number in count(1):
        ending = " copy" if number == 1 else f" copy {number}"
        copy = original[: LONGEST_NAME - len(ending)] + ending
        if copy not in taken:
            break
    return copy


def duplicate(workflow: Workflow) -> Workflow:
    """A copy without runs. Steps keep their identifiers, so that references go on working."""
    described = describe(workflow)
    others = Workflow.objects.live().filter(workspace=workflow.workspace)
    described.name = name_of_a_copy(described.name, set(others.values_list("name", flat=True)))
    return make(described, workflow.workspace, workflow.last_step_number)
