import pytest

from imagegen.attempts.models import Part
from workflows.models import Run, StepRun


@pytest.fixture
def parts_of(author, workflow):
    """So many hosted parts that wait for their turn, of one step run."""

    def make(number, **fields):
        step = workflow.add_step()
        run = Run.objects.create(
            workspace=workflow.workspace,
            workflow=workflow,
            number=workflow.runs.count() + 1,
            step=step,
            snapshot={},
            form_key=f"parts-{step.identifier}",
            started_by=author,
        )
        frozen = {"identifier": step.identifier, "name": step.name, "kind": step.kind}
        step_run = StepRun.objects.create(
            workspace=workflow.workspace,
            run=run,
            run_number=run.number,
            step=step,
            position=1,
            settings=step.settings,
            failure_policy=step.failure_policy,
            **frozen,
        )
        facts = {
            "provider": "openai",
            "model": "gpt-image-2",
            "charge_type": "hosted",
            "simulated": False,
            "hold_micro": 0,
        }
        return Part.objects.bulk_create(
            Part(
                workspace=workflow.workspace,
                step_run=step_run,
                number=each,
                first_slot=0,
                slots=1,
                request={},
                reserved_bytes=0,
                **(facts | fields),
            )
            for each in range(1, number + 1)
        )

    return make


@pytest.fixture
def purse(workspace):
    return workspace.wallets.get(simulated=False)
