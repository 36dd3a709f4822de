"""Generate missing: a run that asks once more for what an earlier one did not bring."""

import json

import pytest

from workflows.models import Run
from workflows.runs.sources import runs_used_by_later_steps
from workflows.runs.start import run_again, run_workflow

PROMPT = "A jar [[sandbox:no_image times=1 id={}]]"


@pytest.fixture
def three_of_four(run_of, request):
    return run_of("gemini-2.5-flash-image", PROMPT.format(request.node.name), image_count=4)


@pytest.fixture
def generate_missing(page, address_of, let_the_hive_work):
    def press(step_run, form_key="missing"):
        address = address_of(step_run.step, "start-missing", step_run.run.number)
        response = page.post(address, {"form_key": form_key})
        let_the_hive_work()
        return response

    return press


def test_as_many_are_asked_for_as_did_not_come(
    three_of_four, generate_missing, sandbox, page, address_of
):
    html = page.get(address_of(three_of_four.step, "step-output")).text
    assert "Generate missing (1)" in html
    asked_before = len(sandbox.entries())
    response = generate_missing(three_of_four)
    assert response.status_code == 200
    assert "run=2" in response["HX-Push-Url"]
    again = three_of_four.step.runs.get(run__number=2)
    assert again.assets.count() == 1
    assert again.settings == three_of_four.settings | {"image_count": 1}
    assert len(sandbox.entries()) == asked_before + 1
    [frozen] = again.run.snapshot["workflow"]["steps"]
    assert frozen["settings"]["image_count"] == 1
    assert three_of_four.step.settings["image_count"] == 4


@pytest.fixture
def output(page, address_of):
    """The Output tab of a step as it is drawn."""
    return lambda step: page.get(address_of(step, "step-output")).text


def test_it_is_no_change_of_the_settings(three_of_four, generate_missing, output, change):
    step = three_of_four.step
    generate_missing(three_of_four)
    html = output(step)
    assert "completes run 1" in html
    assert "Done · $" in html
    assert "Changed" not in html
    assert "Made with earlier settings" not in html
    change(step, image_count="2")
    assert "Made with earlier settings" in output(step)


def test_what_completes_the_completing_run_completes_the_first(
    three_of_four, generate_missing, author, output, page, address_of
):
    step = three_of_four.step
    generate_missing(three_of_four)
    again = step.runs.get(run_number=2)
    run_again(again.run, author, "again")
    third = step.runs.get(run_number=3)
    assert third.completes == three_of_four
    assert "Changed" not in output(step)
    page.post(address_of(step, "load-settings", 3))
    step.refresh_from_db()
    assert step.settings == three_of_four.settings


def test_later_steps_use_the_run_that_it_completes_until_a_person_chooses_it(
    workflow, three_of_four, generate_missing, step_of, press_run, page, address_of
):
    first = three_of_four.step
    generate_missing(three_of_four)
    later = step_of(workflow, "Like {{step_1.output.assets.2.file_url}}")
    press_run(later)
    source = later.runs.latest("run_number").run.snapshot["sources"]["step_1"]
    assert source == str(three_of_four.pk)
    page.post(address_of(first, "use-run", 2))
    press_run(later)
    source = later.runs.latest("run_number").run.snapshot["sources"]["step_1"]
    assert source == str(first.runs.get(run_number=2).pk)


def test_where_the_first_run_failed_the_completing_one_is_all_there_is(
    three_of_four, generate_missing
):
    steps = three_of_four.step.workflow.steps.all()
    generate_missing(three_of_four)
    again = three_of_four.step.runs.get(run_number=2)
    error = {"error_code": "outcome_unknown", "message": "Its images came late."}
    three_of_four.step.runs.filter(run_number=1).update(status="failed", output=None, error=error)
    assert list(runs_used_by_later_steps(steps).values()) == [again]


def test_where_nothing_came_nothing_can_be_completed(run_of):
    step_run = run_of("gpt-image-2", "A jar [[sandbox:bad_key]]", image_count=2)
    kind = step_run.step_kind
    assert kind.run_context(step_run)["missing"] == 0
    assert kind.settings_for_missing(step_run) is None


def test_pressed_twice_it_is_one_run(three_of_four, generate_missing):
    generate_missing(three_of_four)
    generate_missing(three_of_four)
    assert Run.objects.count() == 2


def test_a_run_with_nothing_missing_is_refused_with_a_sentence(
    finished_run, generate_missing, page, address_of
):
    assert "Generate missing" not in page.get(address_of(finished_run.step, "step-output")).text
    response = generate_missing(finished_run)
    assert response.status_code == 422
    message = json.loads(response["HX-Trigger"])["show-message"]
    assert message["text"] == "Nothing that can be made anew is missing in this run."
    assert Run.objects.count() == 1


def test_in_a_whole_workflow_the_step_alone_runs_with_what_earlier_ones_gave_then(
    workflow, step_of, author, let_the_hive_work, generate_missing, sandbox
):
    step_of(workflow, "First")
    step_of(
        workflow,
        "Like {{step_1.output.assets.0.id}} [[sandbox:no_image times=1 id=whole]]",
        model="gemini-2.5-flash-image",
        image_count=2,
    )
    whole = run_workflow(workflow, author, "whole")
    let_the_hive_work()
    first, second = whole.step_runs.all()
    assert second.assets.count() == 1
    generate_missing(second)
    again = second.step.runs.get(run__number=2)
    assert again.status == "succeeded"
    assert again.run.step == second.step
    assert again.filled["prompt"] == second.filled["prompt"]
    assert first.step.runs.count() == 1
