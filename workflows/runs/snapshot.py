"""The frozen copy of a workflow that a run executes, in the format of the export."""

from typing import Any

from workflows import kinds
from workflows.models import Input, Step, StepRun, Workflow

FORMAT = 1


def snapshot(
    workflow: Workflow, steps: list[Step], values: dict[str, Any], sources: dict[str, StepRun]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "workflow": {
            "name": workflow.name,
            "inputs": [_input(input) for input in workflow.inputs.all()],
            "steps": [_step(step) for step in steps],
        },
        "input_values": values,
        "sources": {identifier: str(source.pk) for identifier, source in sources.items()},
        "kinds": {step.kind: kinds.get(step.kind).version() for step in steps},
    }


def _input(input: Input) -> dict[str, Any]:
    return {
        "label": input.label,
        "name": input.name,
        "type": input.type,
        "required": input.required,
        "default": input.default,
        "example": input.example,
        "options": input.options,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "identifier": step.identifier,
        "name": step.name,
        "kind": step.kind,
        "settings": step.settings,
        "failure_policy": step.failure_policy,
    }
