"""The runs of a step: all of them, and what a person takes from one."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imagegen.models import Attempt
from workflows.kinds import Cost
from workflows.models import Run, StepRun
from workflows.runs.start import run_workflow


def take(page, address_of, step_run, what, **data):
    return page.post(address_of(step_run.step, what, step_run.run.number), data)


@pytest.fixture
def many_runs(finished_run):
    """Copies of a finished run, as many as asked for."""

    def make(count):
        run = finished_run.run
        for number in range(run.number + 1, run.number + 1 + count):
            copy = Run.objects.get(pk=run.pk)
            copy.pk, copy.number, copy.form_key = None, number, f"copy-{number}"
            copy._state.adding = True
            copy.id = Run._meta.pk.get_default()
            copy.save(force_insert=True)
            step_run = StepRun.objects.get(pk=finished_run.pk)
            step_run.id, step_run.run = StepRun._meta.pk.get_default(), copy
            step_run.run_number = number
            step_run.save(force_insert=True)
        return finished_run.step

    return make


def test_every_run_is_listed_with_what_it_was_and_what_it_cost(finished_run, page, address_of):
    html = page.get(address_of(finished_run.step, "step-history")).text
    assert "Run 1" in html
    assert "alice@example.org" in html
    assert "gpt-image-2" in html
    assert "$0.0059 simulated" in html
    assert finished_run.assets.get().thumbnail_path in html
    assert "Done" in html


@pytest.mark.parametrize("name", ["step-history", "newest-runs"])
def test_what_was_charged_is_told_beside_what_was_simulated(
    name, finished_run, page, address_of, monkeypatch
):
    costs = {finished_run.pk: Cost(charged=10_000, simulated=5_900)}
    monkeypatch.setattr(finished_run.step_kind, "run_costs", lambda step_runs: costs)
    html = page.get(address_of(finished_run.step, name)).text
    assert "<span>$0.0100</span>" in html
    assert "<span>$0.0059 simulated</span>" in html


@pytest.mark.parametrize("name", ["step-history", "newest-runs"])
def test_a_run_that_cost_nothing_says_so(name, run_of, page, address_of):
    step_run = run_of("gpt-image-2", "A jar [[sandbox:bad_key]]")
    assert "nothing charged" in page.get(address_of(step_run.step, name)).text


def test_a_page_holds_fifty_and_leads_to_the_older_ones(many_runs, page, address_of):
    step = many_runs(70)
    first = page.get(address_of(step, "step-history")).text
    assert first.count('class="card run-row"') == 50
    assert "?before=22" in first
    second = page.get(address_of(step, "step-history") + "?before=22").text
    assert second.count('class="card run-row"') == 21
    assert "Older runs" not in second


@pytest.mark.parametrize("before", ["", "x", "0", "-1", "9" * 40, "1"])
def test_an_address_that_means_no_page_is_answered_all_the_same(
    before, finished_run, page, address_of
):
    assert (
        page.get(address_of(finished_run.step, "step-history") + f"?before={before}").status_code
        == 200
    )


def test_the_number_of_questions_does_not_grow_with_the_runs(
    many_runs, page, address_of, django_assert_max_num_queries
):
    step = many_runs(1)
    page.get(address_of(step, "step-history"))
    with CaptureQueriesContext(connection) as few:
        page.get(address_of(step, "step-history"))
    Run.objects.exclude(number=1).delete()
    many_runs(40)
    with django_assert_max_num_queries(len(few)):
        page.get(address_of(step, "step-history"))


def test_an_empty_list_says_what_will_be_there(image_step, page, address_of):
    assert "No run yet" in page.get(address_of(image_step, "step-history")).text


# Load these settings


def test_the_settings_of_a_run_come_back_with_references_as_they_were_written(
    workflow, step_of, press_run, let_the_hive_work, page, address_of, change
):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a bottle"
    )
    step = step_of(workflow, "A {{product}}")
    press_run(step)
    let_the_hive_work()
    change(step, prompt="Something else", image_quality="high", failure_policy="continue")
    step_run = step.runs.get()
    response = take(page, address_of, step_run, "load-settings")
    assert response.status_code == 302
    step.refresh_from_db()
    assert step.settings == step_run.settings
    assert step.settings["prompt"] == "A {{product}}"
    assert step.failure_policy == "terminate"
    html = page.get(response["Location"]).text
    assert "Loaded the settings of run 1." in html
    assert address_of(step, "undo-load") in html


def test_undo_brings_back_what_stood_there(finished_run, change, page, address_of):
    step = finished_run.step
    change(step, prompt="Something else")
    take(page, address_of, finished_run, "load-settings")
    page.post(address_of(step, "undo-load"))
    step.refresh_from_db()
    assert step.settings["prompt"] == "Something else"


def test_undo_without_a_load_says_so(image_step, page, address_of):
    response = page.post(address_of(image_step, "undo-load"))
    assert "There is nothing to undo" in page.get(response["Location"]).text


def test_a_form_that_is_open_elsewhere_meets_a_conflict_and_overwrites_nothing(
    finished_run, change, page, address_of
):
    step = finished_run.step
    step.refresh_from_db()
    version = str(step.version)
    change(step, prompt="Something else")
    take(page, address_of, finished_run, "load-settings")
    assert change(step, prompt="From the other tab", version=version).status_code == 409


# Run again


def test_run_again_runs_the_snapshot_whatever_the_step_has_become(
    finished_run, change, page, address_of, let_the_hive_work, sandbox
):
    step = finished_run.step
    change(step, prompt="Something else", model="grok-imagine-image")
    response = take(page, address_of, finished_run, "start-again", form_key="again")
    assert response.status_code == 200
    let_the_hive_work()
    first, second = sandbox.entries()
    assert first["body"] == second["body"]
    again = step.runs.latest("run__number")
    assert (again.run.number, again.status) == (2, "succeeded")
    assert again.run.snapshot == finished_run.run.snapshot
    step.refresh_from_db()
    assert step.settings["prompt"] == "Something else"
    assert Attempt.objects.count() == 2


def test_pressed_twice_it_is_one_run(finished_run, page, address_of):
    for _ in range(2):
        take(page, address_of, finished_run, "start-again", form_key="one-press")
    assert Run.objects.count() == 2


def test_a_fourth_run_at_once_is_refused_in_a_message_and_the_page_stays(
    finished_run, page, address_of
):
    for number in range(3):
        take(page, address_of, finished_run, "start-again", form_key=f"again-{number}")
    refused = take(page, address_of, finished_run, "start-again", form_key="one-more")
    assert refused.status_code == 422
    assert refused["HX-Reswap"] == "none"
    said = json.loads(refused["HX-Trigger"])["show-message"]
    assert "3 runs of this step are going already" in said["text"]


def test_a_whole_workflow_runs_again_as_a_whole(
    workflow, step_of, author, page, address_of, let_the_hive_work, sandbox
):
    step_of(workflow, "First")
    second = step_of(workflow, "Second {{step_1.output.settings.model}}")
    run_workflow(workflow, author, "key")
    let_the_hive_work()
    take(page, address_of, second.runs.get(), "start-again", form_key="again")
    let_the_hive_work()
    assert [entry["body"]["prompt"] for entry in sandbox.entries()] == [
        "First",
        "Second gpt-image-2",
    ] * 2
    assert Run.objects.latest("number").step is None


# Use this run for later steps


@pytest.fixture
def two_runs(finished_run, press_run, let_the_hive_work):
    press_run(finished_run.step, image_count="2")
    let_the_hive_work()
    return list(finished_run.step.runs.order_by("run__number"))


@pytest.fixture
def sent_by_a_later_step(workflow, step_of, press_run, let_the_hive_work, sandbox):
    def send():
        step = workflow.steps.filter(identifier="step_2").first()
        press_run(step or step_of(workflow, "{{step_1.output.assets.0.file_name}}"))
        let_the_hive_work()
        return sandbox.entries()[-1]["body"]["prompt"]

    return send


def test_later_steps_use_the_run_that_was_chosen_whatever_comes_after_it(
    two_runs, page, address_of, sent_by_a_later_step
):
    first, _ = two_runs
    assert sent_by_a_later_step() == "hero-image-r2-1.jpeg"
    response = take(page, address_of, first, "use-run")
    html = page.get(response["Location"]).text
    assert "Later steps use run 1 of step_1 from now on." in html
    assert "used by later steps" in html
    assert "run 1 is used" in html
    assert sent_by_a_later_step() == "hero-image-r1-1.jpeg"


def test_the_picker_shows_the_values_of_the_run_that_was_chosen(
    two_runs, page, address_of, step_of, workflow
):
    take(page, address_of, two_runs[0], "use-run")
    html = page.get(address_of(step_of(workflow), "step-variables")).text
    assert "hero-image-r1-1.jpeg" in html
    assert "hero-image-r2-1.jpeg" not in html


def test_the_newest_run_is_used_again_when_that_is_asked_for(
    two_runs, page, address_of, sent_by_a_later_step
):
    take(page, address_of, two_runs[0], "use-run")
    page.post(address_of(two_runs[0].step, "use-newest-run"))
    assert sent_by_a_later_step() == "hero-image-r2-1.jpeg"


def test_a_run_without_output_cannot_be_chosen(
    finished_run, press_run, let_the_hive_work, page, address_of
):
    step = finished_run.step
    press_run(step, prompt="x [[sandbox:no_images]]")
    let_the_hive_work()
    failed = step.runs.get(status="failed")
    response = take(page, address_of, failed, "use-run")
    assert "Run 2 has no output" in page.get(response["Location"]).text
    step.refresh_from_db()
    assert step.used_run is None


def test_the_menu_at_the_run_number_lists_the_newest_runs(many_runs, page, address_of):
    html = page.get(address_of(many_runs(30), "newest-runs") + "?shown=20").text
    assert html.count("<li>") == 20
    assert "Run 31<" in html
    assert "Run 11<" not in html
    assert html.count("aria-current") == 1
    assert "A blue insulated water bottle" in html
    assert "the newest 20 are shown" in html


def test_the_menu_costs_as_many_questions_for_twenty_runs_as_for_one(
    finished_run, many_runs, page, address_of, django_assert_num_queries
):
    step = finished_run.step
    html = page.get(address_of(step, "newest-runs")).text
    assert finished_run.assets.get().thumbnail_path in html
    assert "$0.0059 simulated" in html
    with CaptureQueriesContext(connection) as few:
        page.get(address_of(step, "newest-runs"))
    many_runs(40)
    with django_assert_num_queries(len(few)):
        page.get(address_of(step, "newest-runs"))


def test_the_page_with_the_output_does_not_ask_for_the_menu(
    finished_run, many_runs, page, address_of, django_assert_num_queries
):
    many_runs(2)
    address = address_of(finished_run.step, "step-output") + "?run=2"
    page.get(address)
    with CaptureQueriesContext(connection) as few:
        page.get(address)
    Run.objects.exclude(number=1).delete()
    many_runs(40)
    with django_assert_num_queries(len(few)):
        page.get(address)
