"""The frozen copy of a workflow that a run executes, in the format of the export."""

from typing import Any

from workflows import kinds
from workflows.description import describe_input, describe_step
from workflows.models import Run, Step, StepRun, Workflow

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


def narrowed(run: Run, step_run: StepRun, settings: dict[str, Any]) -> dict[str, Any]:
    """The frozen copy of a run for one of its steps alone, with these settings: steps before it
    are not run again but give what they gave then."""
    before = run.step_runs.filter(position__lt=step_run.position)
    sources = {each.identifier: str(each.pk) for each in before}
    workflow = run.snapshot["workflow"]
    own = [each for each in workflow["steps"] if each["identifier"] == step_run.identifier]
    return {
        **run.snapshot,
        "workflow": workflow | {"steps": [each | {"settings": settings} for each in own]},
        "sources": run.snapshot["sources"] | sources,
    }
