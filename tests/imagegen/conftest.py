import pytest

from imagegen.attempts.models import Part
from workflows.models import Run, StepRun
from workflows.runs.start import FROZEN

HOSTED_PART = {
    "provider": "openai",
    "model": "gpt-image-2",
    "charge_type": "hosted",
    "simulated": False,
    "first_slot": 0,
    "slots": 1,
    "request": {},
    "hold_micro": 0,
    "reserved_bytes": 0,
}


@pytest.fixture
def planned_step_run(author, workflow):
    """Of a new step each time, which nobody has started to work on."""

    def make():
        step = workflow.add_step()
        whose = {"workspace": workflow.workspace, "step": step}
        run = Run.objects.create(
            **whose,
            workflow=workflow,
            number=workflow.runs.count() + 1,
            snapshot={},
            form_key=f"parts-{step.identifier}",
            started_by=author,
        )
        frozen = {name: getattr(step, name) for name in FROZEN}
        return StepRun.objects.create(**whose, **frozen, run=run, run_number=run.number)

    return make


@pytest.fixture
def parts_of(planned_step_run):
    """So many hosted parts that wait for their turn, of one step run."""

    def make(number, **fields):
        step_run = planned_step_run()
        whose = {"workspace": step_run.workspace, "step_run": step_run}
        facts = HOSTED_PART | fields
        return Part.objects.bulk_create(
            Part(**whose, **facts, number=each) for each in range(1, number + 1)
        )

    return make


@pytest.fixture
def purse(workspace):
    return workspace.wallets.get(simulated=False)
