"""The progress of a run of the whole workflow, in the editor."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from workflows.models import Run
from workflows.progress import progress_of, shown_progress
from workflows.runs.advance import advance
from workflows.runs.start import run_workflow


@pytest.fixture
def three_steps(workflow, step_of):
    return [step_of(workflow, name=name) for name in ("Hero", "Banner", "Poster")]


@pytest.fixture
def whole_run(workflow, three_steps, author):
    return run_workflow(workflow, author, "whole")


def test_every_step_of_the_workflow_shows_how_far_the_run_is(
    whole_run, three_steps, page, address_of, let_the_hive_work
):
    for tab in ("step-settings", "step-output"):
        for step in three_steps:
            html = page.get(address_of(step, tab)).text
            assert "Run 1 of the workflow" in html
            assert "step 1 of 3" in html
            assert "Hero: Queued" in html
            assert 'id="cancel-workflow-run"' in html


def test_the_step_that_is_under_way_says_what_it_does(whole_run, sandbox):
    advance(whole_run.pk)
    shown = progress_of(whole_run)
    assert (shown.place, shown.done) == (1, 0)
    assert shown.sentence == "Run 1, step 1 of 3: Hero, Queued"


def test_a_run_that_has_just_ended_tells_its_result(
    whole_run, three_steps, page, address_of, let_the_hive_work, workflow
):
    let_the_hive_work()
    html = page.get(address_of(three_steps[2], "step-settings")).text
    assert 'class="strip progress-strip succeeded"' in html
    assert "$0.0178 simulated" in html
    assert reverse("workflows:show-run", args=[workflow.workspace.slug, workflow.pk, 1]) in html
    assert "data-watch" not in html
    Run.objects.update(finished_at=now() - timedelta(minutes=11))
    assert shown_progress(workflow) is None


def test_the_result_gives_way_to_the_next_run_of_a_step(
    whole_run, three_steps, press_run, let_the_hive_work
):
    let_the_hive_work()
    assert 'id="progress"' not in press_run(three_steps[0]).text


def test_a_run_that_goes_on_is_shown_whatever_was_started_since(
    whole_run, three_steps, press_run, workflow
):
    assert "Run 1 of the workflow" in press_run(three_steps[0]).text
    assert shown_progress(workflow).run == whole_run


def test_a_failure_names_the_step_it_stopped_at(
    workflow, step_of, author, page, address_of, let_the_hive_work
):
    step = step_of(workflow, "x [[sandbox:moderation_input]]", name="Hero")
    step_of(workflow)
    run_workflow(workflow, author, "whole")
    let_the_hive_work()
    html = page.get(address_of(step, "step-settings")).text
    assert "failed at Hero" in html
    assert "progress-strip failed" in html


def test_the_test_of_a_step_shows_no_progress_of_the_workflow(image_step, press_run):
    assert 'id="progress"' not in press_run(image_step).text


def test_the_fragment_draws_itself_anew_until_the_run_has_ended(
    whole_run, workflow, page, let_the_hive_work
):
    address = reverse("workflows:run-progress", args=[workflow.workspace.slug, workflow.pk, 1])
    assert 'hx-trigger="run-changed from:body"' in page.get(address).text
    let_the_hive_work()
    assert "hx-trigger" not in page.get(address).text


def test_a_viewer_is_offered_no_cancel(whole_run, three_steps, browser_of, viewer, address_of):
    html = browser_of(viewer).get(address_of(three_steps[0], "step-settings")).text
    assert "Run 1 of the workflow" in html
    assert "cancel-workflow-run" not in html
