"""The frozen copy of a workflow that a run executes, in the format of the export."""

from typing import Any

from workflows import kinds
from workflows.description import describe_input, describe_step
from workflows.models import Step, StepRun, Workflow

FORMAT = 1


def snapshot(
    workflow: Workflow, steps: list[Step], values: dict[str, Any], sources: dict[str, StepRun]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "workflow": {
            "name": workflow.name,
            "inputs": [dict(describe_input(input)) for input in workflow.inputs.all()],
            "steps": [dict(describe_step(step)) for step in steps],
        },
        "input_values": values,
        "sources": {identifier: str(source.pk) for identifier, source in sources.items()},
        "kinds": {step.kind: kinds.get(step.kind).version() for step in steps},
    }
