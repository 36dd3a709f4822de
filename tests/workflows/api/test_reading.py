"""Programs follow, list and cancel runs."""

from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imagegen.billing.corrections import correct_to
from imagegen.models import Charge
from imagegen.provider_keys.store import store
from workflows.models import Run
from workflows.runs.advance import advance

STATED = {"identifier", "status", "output", "error", "charge"}


def read(program, run):
    return program.get(f"/api/v1/runs/{run.pk}").json()


def step_of_run(program, run):
    (step,) = read(program, run)["steps"]
    return step


def test_a_run_tells_its_steps_just_as_later_steps_see_them(program, ended_run):
    told = read(program, ended_run)
    assert (told["id"], told["status"], told["is_test"]) == (str(ended_run.pk), "succeeded", False)
    (step,) = told["steps"]
    assert set(step) >= STATED
    assert (step["identifier"], step["status"], step["error"]) == ("step_1", "succeeded", None)
    assert step["output"] == ended_run.step_runs.get().output_for_later_steps
    assert step["output"]["assets"][0]["file_url"].startswith("http://testserver/files/")


def test_before_it_has_begun_there_is_neither_output_nor_charge(program, started_run):
    step = step_of_run(program, started_run)
    assert [step[name] for name in ("status", "output", "error", "charge")] == [
        "queued", None, None, None,
    ]  # fmt: skip


def test_a_charge_is_whole_micro_dollars_with_its_corrections(program, ended_run, author):
    charge = Charge.objects.get()
    as_charged = {
        "amount_micro": charge.amount_micro,
        "corrected_micro": 0,
        "list_price_micro": None,
        "currency": "USD",
        "charge_type": "hosted",
        "simulated": True,
    }
    assert charge.amount_micro > 1_000
    assert step_of_run(program, ended_run)["charge"] == as_charged
    correct_to(charge, 1_000, key="correction:1", reason="a test", by=author)
    assert step_of_run(program, ended_run)["charge"] == as_charged | {
        "amount_micro": 1_000,
        "corrected_micro": 1_000 - charge.amount_micro,
    }


def test_several_requests_of_a_step_have_one_charge(
    workflow, step_of, start, program, let_the_hive_work
):
    step_of(workflow, model="gemini-2.5-flash-image", image_count=3)
    start()
    let_the_hive_work()
    charged = sum(Charge.objects.values_list("amount_micro", flat=True))
    assert Charge.objects.count() == 3
    assert step_of_run(program, Run.objects.get())["charge"]["amount_micro"] == charged


def test_a_personal_charge_takes_nothing_and_tells_the_list_price(
    vendors, workspace, author, workflow, step_of, start, program, let_the_hive_work
):
    store(workspace, "openai", "sk-personal-0123456789WXYZ", author)
    step_of(workflow, charge_type="personal")
    start()
    let_the_hive_work()
    charge = step_of_run(program, Run.objects.get())["charge"]
    assert (charge["amount_micro"], charge["charge_type"]) == (0, "personal")
    assert charge["list_price_micro"] == Charge.objects.get().list_micro > 0
    assert charge["simulated"] is False


@pytest.mark.parametrize(
    ("policy", "status", "has_output"),
    [("terminate", "failed", False), ("continue", "completed_with_errors", True)],
)
def test_a_failure_tells_its_code_and_its_sentence(
    policy, status, has_output, workflow, step_of, start, program, let_the_hive_work
):
    step_of(workflow, "A jar [[sandbox:moderation_input]]", failure_policy=policy)
    start()
    let_the_hive_work()
    told = read(program, Run.objects.get())
    (step,) = told["steps"]
    assert (told["status"], step["status"]) == (status, "failed")
    assert set(step["error"]) == {"error_code", "message"}
    assert step["error"]["error_code"] == "moderation_blocked"
    assert step["error"]["message"]
    assert bool(step["output"]) == has_output
    if has_output:
        assert step["output"]["error"]["error_code"] == "moderation_blocked"
        assert step["output"]["assets"] == []


def test_a_test_of_one_step_is_read_as_such(program, finished_run):
    assert read(program, finished_run.run)["is_test"] is True


def test_a_run_asks_as_often_for_many_steps_as_for_one(
    workflow, step_of, start, program, let_the_hive_work
):
    def questions():
        start()
        let_the_hive_work()
        with CaptureQueriesContext(connection) as asked:
            read(program, Run.objects.first())
        return len(asked)

    step_of(workflow)
    few = questions()
    for _ in range(3):
        step_of(workflow)
    assert questions() <= few  # the first wrote when the key was used last


def test_cancelling_ends_what_was_not_sent_at_once_and_costs_nothing(
    program, started_run, sandbox, let_the_hive_work
):
    advance(started_run.pk)
    for _ in range(2):  # the second changes nothing
        answer = program.post(f"/api/v1/runs/{started_run.pk}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert answer.json()["steps"][0]["status"] == "cancelled"
        assert answer.json()["steps"][0]["charge"] is None
    let_the_hive_work()
    assert sandbox.entries() == []


def test_a_run_that_has_ended_stays_as_it_is(program, ended_run):
    answer = program.post(f"/api/v1/runs/{ended_run.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert answer.json()["cancel_requested_at"] is None


# Lists


@pytest.fixture
def many_runs(ended_run):
    """Seven, oldest first; every third failed."""
    kept = {name: getattr(ended_run, name) for name in ("workspace", "workflow", "snapshot")}
    kept["finished_at"] = ended_run.finished_at
    return [
        ended_run,
        *(
            Run.objects.create(
                **kept,
                number=number,
                form_key=f"copy-{number}",
                status="succeeded" if number % 3 else "failed",
            )
            for number in range(2, 8)
        ),
    ]


def newest_first(runs):
    return [str(run.pk) for run in sorted(runs, key=lambda run: run.pk, reverse=True)]


def pages(program, path):
    """The ids of each page, by the header Link."""
    while path:
        answer = program.get(path)
        body = answer.json()
        yield [each["id"] for each in body["items"]]
        link = answer.get("Link", "")
        assert bool(link) == bool(body["next_cursor"])
        path = link.partition(">")[0].removeprefix("<http://testserver")
        if path:
            assert link.endswith('; rel="next"')
            assert f"cursor={body['next_cursor']}" in path


def test_runs_come_page_by_page_newest_first(program, many_runs):
    found = list(pages(program, "/api/v1/runs?limit=3"))
    assert [len(page) for page in found] == [3, 3, 1]
    assert list(chain(*found)) == newest_first(many_runs)


def test_the_last_page_may_be_full(program, many_runs):
    assert [len(page) for page in pages(program, "/api/v1/runs?limit=7")] == [7]


def test_runs_that_begin_meanwhile_shift_no_page(program, many_runs, start):
    walk = pages(program, "/api/v1/runs?limit=3")
    first = next(walk)
    start()
    assert [*first, *chain(*walk)] == newest_first(many_runs)


def test_runs_are_filtered_by_workflow_and_status_on_every_page(
    program, many_runs, workspace, workflow
):
    failed = [run for run in many_runs if run.status == "failed"]
    path = f"/api/v1/runs?limit=1&status=failed&workflow_id={workflow.pk}"
    assert list(chain(*pages(program, path))) == newest_first(failed)
    other = workspace.workflows.create(name="Another")
    assert program.get(f"/api/v1/runs?workflow_id={other.pk}").json()["items"] == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=newest", "cursor"),
        ("status=done", "status"),
        ("workflow_id=12", "workflow_id"),
    ],
)
def test_what_no_list_knows_is_refused_with_its_name(asked, field, program):
    answer = program.get(f"/api/v1/runs?{asked}")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_a_list_asks_as_often_for_many_runs_and_reads_no_snapshot(program, many_runs):
    program.get("/api/v1/runs")  # the first writes when the key was used last
    with CaptureQueriesContext(connection) as one:
        program.get("/api/v1/runs?limit=1")
    with CaptureQueriesContext(connection) as many:
        program.get("/api/v1/runs")
    assert len(many) == len(one)
    assert not any('"snapshot"' in query["sql"] for query in many)


def test_workflows_tell_what_they_are_given(program, workflow, workspace):
    workflow.inputs.create(
        workspace=workspace,
        name="mood",
        label="Mood",
        type="select",
        options=["calm"],
        default="calm",
    )
    (told,) = program.get("/api/v1/workflows").json()["items"]
    assert (told["id"], told["name"]) == (str(workflow.pk), "Product hero images")
    assert told["inputs"] == [
        {
            "name": "mood",
            "label": "Mood",
            "type": "select",
            "required": True,
            "default": "calm",
            "options": ["calm"],
        }
    ]


def test_a_deleted_workflow_is_not_among_them(program, workflow, workspace):
    other = workspace.workflows.create(name="Another", deleted_at=workflow.created_at)
    listed = program.get("/api/v1/workflows").json()["items"]
    assert [each["id"] for each in listed] == [str(workflow.pk)]
    assert str(other.pk) not in str(listed)
