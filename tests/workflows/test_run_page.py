"""One run by its own address."""

import re
from html import unescape

import pytest
from django.urls import reverse

from imagegen.attempts.models import Part
from tests.conftest import drawn_form
from workflows import order
from workflows.models import Run, Workflow
from workflows.runs.advance import advance
from workflows.runs.cancel import cancel
from workflows.runs.start import run_workflow


def place(workflow, name, *more):
    return reverse(f"workflows:{name}", args=[workflow.workspace.slug, workflow.pk, *more])


@pytest.fixture
def read(page):
    """A page as a person reads it."""

    def words(address, client=page):
        html = re.sub(r"<(script|template)\b.*?</\1>", " ", client.get(address).text, flags=re.S)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())

    return words


@pytest.fixture
def whole_run(workflow, step_of, author, let_the_hive_work):
    """Of three steps; the second fails, and the workflow goes on."""
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a <b>bottle</b>"
    )
    step_of(workflow, "A photo of {{product}}", image_count=2)
    step_of(workflow, "x [[sandbox:moderation_input]]", name="Banner", failure_policy="continue")
    step_of(workflow, "A poster", name="Poster")
    run = run_workflow(workflow, author, "whole")
    let_the_hive_work()
    run.refresh_from_db()
    return run


def test_a_run_shows_who_when_what_it_cost_and_each_step_in_order(whole_run, page, read):
    address = place(whole_run.workflow, "show-run", 1)
    shown, html = read(address), page.get(address).text
    assert "Completed with errors" in shown
    assert "strip continued" in html
    assert "whole workflow" in shown
    assert "alice@example.org" in shown
    assert "$0.0177 simulated" in shown
    assert "Charged $0.00" in shown
    assert "Product product a <b>bottle</b>" in shown
    places = [shown.index(name) for name in ("Hero image step_1", "Banner step_2", "Poster step_3")]
    assert places == sorted(places)
    assert "blocked this prompt" in shown
    assert "A photo of a <b>bottle</b>" in shown
    assert html.count('class="run-pictures"') == 2
    step_run = whole_run.step_runs.first()
    for asset in step_run.assets.all():
        assert f'href="{asset.path}"' in html
        assert asset.thumbnail_path in html
    assert f"{place(whole_run.workflow, 'step-output', 'step_3')}?run=1" in html
    assert "data-watch" not in html


def test_the_test_of_one_step_has_a_page_of_its_own_that_names_its_sources(
    finished_run, step_of, press_run, let_the_hive_work, read, page
):
    workflow = finished_run.run.workflow
    press_run(step_of(workflow, "Like {{step_1.output.assets.0.file_url}}", name="Poster"))
    let_the_hive_work()
    shown = read(place(workflow, "show-run", 2))
    assert "test of one step" in shown
    assert "Poster step_2" in shown
    assert "Hero image" not in shown
    assert "It used no inputs." in shown
    assert "Used the output of step_1 from run 1 ." in shown
    html = page.get(place(workflow, "show-run", 2)).text
    assert f'rel="prev" href="{place(workflow, "show-run", 1)}"' in html
    assert 'rel="next"' not in html


def test_the_output_of_a_deleted_step_stays_readable_under_the_name_it_had(
    finished_run, page, read
):
    workflow, step = finished_run.run.workflow, finished_run.step
    type(step).objects.filter(pk=step.pk).update(name="Renamed later")
    order.delete(step)
    shown = read(place(workflow, "show-run", 1))
    assert "Hero image step_1 gpt-image-2 · this step was deleted" in shown
    assert "Renamed later" not in shown
    html = page.get(place(workflow, "show-run", 1)).text
    assert "/steps/" not in html
    assert finished_run.assets.get().path in html


def test_a_run_of_a_deleted_workflow_stays_readable_and_offers_to_restore_it(
    finished_run, page, browser_of, viewer, stranger
):
    workflow = finished_run.run.workflow
    page.post(place(workflow, "delete-workflow"))
    for address in (place(workflow, "show-run", 1), place(workflow, "list-runs")):
        response = page.get(address)
        assert response.status_code == 200
        assert "“Product hero images” is deleted" in response.text
        assert "Restore the workflow" in response.text
        assert place(workflow, "step-output", "step_1") not in response.text
        assert "Run again" not in response.text
        assert "Restore the workflow" not in browser_of(viewer).get(address).text
        assert browser_of(stranger).get(address).status_code == 404
    again = page.post(place(workflow, "start-run-again", 1))
    assert again.status_code == 404
    assert Run.objects.count() == 1


def test_a_run_of_a_deleted_workflow_can_still_be_cancelled(
    image_step, workflow, press_run, page, let_the_hive_work
):
    press_run(image_step)
    page.post(place(workflow, "delete-workflow"))
    assert "Cancel (free)" in page.get(place(workflow, "show-run", 1)).text
    assert page.post(place(workflow, "cancel-run", 1)).status_code == 204
    let_the_hive_work()
    assert Run.objects.get().status == "cancelled"


@pytest.mark.parametrize("number", [0, 2, 999, 10**9, 10**30])
def test_a_run_that_never_was_is_told_with_a_way_on(number, finished_run, page, read):
    workflow = finished_run.run.workflow
    address = place(workflow, "show-run", number)
    assert page.get(address).status_code == 404
    assert f"There is no run {number}" in read(address)
    assert "numbered from 1 to 1" in read(address)
    assert place(workflow, "list-runs") in page.get(address).text


def test_strangers_are_not_told_which_runs_there_are(finished_run, browser_of, stranger):
    for number in (1, 2):
        address = place(finished_run.run.workflow, "show-run", number)
        response = browser_of(stranger).get(address)
        assert response.status_code == 404
        assert "run" not in response.text.split("<main")[1].lower()


def test_the_number_of_questions_does_not_grow_with_the_steps(
    workflow, step_of, author, page, let_the_hive_work, django_assert_num_queries
):
    for count in (1, 3):
        for _ in range(count):
            step_of(workflow)
        run_workflow(workflow, author, f"run-{count}")
    let_the_hive_work()
    for number in (1, 2):
        with django_assert_num_queries(13):
            page.get(place(workflow, "show-run", number))


# While it runs


def test_an_unfinished_run_is_watched_by_one_question(
    image_step, workflow, press_run, page, let_the_hive_work, django_assert_num_queries
):
    press_run(image_step)
    shown = page.get(place(workflow, "show-run", 1)).text
    assert "every 1s" in shown
    seen = re.search(r'name="seen"\s+value="([^"]+)"', shown)[1]
    watch = re.search(r'hx-get="([^"]+/runs/watch[^"]+)"', shown)[1]
    with django_assert_num_queries(1) as captured:
        assert page.get(f"{watch}&seen={seen}&seen={seen}").status_code == 204
    assert captured.captured_queries[0]["sql"].startswith("SELECT")
    let_the_hive_work()
    changed = page.get(f"{watch}&seen={seen}")
    assert (changed.status_code, changed["HX-Trigger"]) == (200, "run-changed")
    assert "every 1s" not in page.get(place(workflow, "show-run", 1)).text


@pytest.mark.parametrize("seen", ["", "1", "x.1", "1.x", "-1.1", "9" * 40, "1.1'"])
def test_a_watcher_that_asks_for_nonsense_is_told_to_look_again(seen, finished_run, page):
    response = page.get(place(finished_run.run.workflow, "watch-runs"), {"seen": seen})
    assert response["HX-Trigger"] == "run-changed"


def test_a_step_that_is_under_way_says_what_it_does_and_what_a_cancel_would_cost(
    workflow, step_of, author, read, page, sandbox
):
    step_of(workflow, model="gemini-2.5-flash-image", image_count=3)
    step_of(workflow, name="Poster")
    run = run_workflow(workflow, author, "whole")
    shown = read(place(workflow, "show-run", 1))
    assert "Cancel (free)" in shown
    assert "nothing charged" not in shown
    advance(run.pk)
    Part.objects.filter(number=1).update(state=Part.State.SENDING)
    shown = read(place(workflow, "show-run", 1))
    assert "Generating" in shown
    assert "Cancel (1 on the way will be charged)" in shown
    cancel(run.pk)
    shown = read(place(workflow, "show-run", 1))
    assert "Cancelling" in shown
    assert "1 image on the way: what comes is kept and charged." in shown
    assert 'id="cancel-run"' not in page.get(place(workflow, "show-run", 1)).text


# Run again


def test_run_again_runs_the_snapshot_of_the_whole_workflow_and_shows_the_new_run(
    whole_run, page, let_the_hive_work, sandbox
):
    workflow = whole_run.workflow
    order.delete(workflow.steps.last())
    asked = [entry["body"] for entry in sandbox.entries()]
    response = page.post(place(workflow, "start-run-again", 1), {"form_key": "once-more"})
    assert response["Location"] == place(workflow, "show-run", 2)
    page.post(place(workflow, "start-run-again", 1), {"form_key": "once-more"})
    let_the_hive_work()
    assert [entry["body"] for entry in sandbox.entries()] == asked * 2
    assert Run.objects.count() == 2
    assert Run.objects.get(number=2).snapshot == whole_run.snapshot


def test_a_fourth_run_at_once_is_refused_beside_the_run(whole_run, page):
    again = place(whole_run.workflow, "start-run-again", 1)
    for number in range(3):
        page.post(again, {"form_key": f"again-{number}"})
    refused = page.post(again, {"form_key": "again-3"}, follow=True)
    assert "3 runs of this workflow are going already. Wait until one ends" in refused.text
    assert refused.redirect_chain == [(place(whole_run.workflow, "show-run", 1), 302)]
    assert Run.objects.count() == 4


@pytest.mark.parametrize(
    ("route", "what"), [("start-step-run", "step"), ("start-workflow-run", "workflow")]
)
def test_a_fourth_run_at_once_is_refused_in_the_editor_with_what_to_do(
    route, what, image_step, page, address_of
):
    form = drawn_form(image_step)
    for number in range(3):
        answer = page.post(address_of(image_step, route), form | {"form_key": f"key-{number}"})
        assert answer.status_code == 200
    refused = page.post(address_of(image_step, route), form | {"form_key": "key-3"})
    assert refused.status_code == 422
    sentence = f"3 runs of this {what} are going already. Wait until one ends, or cancel one."
    assert sentence in refused.text
    assert Run.objects.count() == 3


def test_a_run_of_a_workflow_that_came_back_is_as_it_was(finished_run, page, read):
    workflow = finished_run.run.workflow
    page.post(place(workflow, "delete-workflow"))
    page.post(place(workflow, "restore-workflow"))
    assert Workflow.objects.live().exists()
    assert "is deleted" not in read(place(workflow, "show-run", 1))
