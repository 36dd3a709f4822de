import pytest

from workflows.models import Run


@pytest.fixture
def runs_address(workflow):
    return f"/api/v1/workflows/{workflow.pk}/runs"


@pytest.fixture
def start(program, runs_address):
    """A program asks for a run of the workflow."""

    def ask(inputs=None, key=None, client=program, at=runs_address):
        body = {} if inputs is None else {"inputs": inputs}
        headers = {} if key is None else {"Idempotency-Key": key}
        return client.post(at, body, content_type="application/json", headers=headers)

    return ask


@pytest.fixture
def started_run(image_step, start):
    """By a program."""
    return Run.objects.get(pk=start().json()["id"])


@pytest.fixture
def ended_run(started_run, let_the_hive_work):
    let_the_hive_work()
    started_run.refresh_from_db()
    return started_run
