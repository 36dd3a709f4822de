"""The column of cards: added between, moved, duplicated, deleted and restored."""

import json

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from tests.conftest import SETTINGS
from workflows import order
from workflows.models import Step
from workflows.undo import UNDO
from workflows.uses import question, uses_in


@pytest.fixture
def three_steps(workflow, step_of):
    """The third uses the first."""
    steps = [step_of(workflow, name=name) for name in ("Hero", "Banner", "Poster")]
    steps[2].settings["prompt"] = "Like {{step_1.output.assets.0.file_url}}"
    steps[2].save()
    return steps


@pytest.fixture
def identifiers(workflow):
    return lambda: [step.identifier for step in workflow.steps.all()]


@pytest.fixture
def put_in_order(page, workflow):
    address = reverse("workflows:order-steps", args=[workflow.workspace.slug, workflow.pk])
    return lambda *identifiers: page.post(address, {"order": identifiers, "open": "step_1"})


@pytest.fixture
def add(page, workflow):
    address = reverse("workflows:add-step", args=[workflow.workspace.slug, workflow.pk])
    return lambda before="": page.post(address, {"before": before})


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_step_is_added_between_two_and_opens_with_the_caret_in_its_prompt(
    add, three_steps, identifiers, page
):
    response = add(before="step_2")
    assert identifiers() == ["step_1", "step_4", "step_2", "step_3"]
    opened = page.get(response["Location"]).text
    assert "autofocus" in opened
    assert 'aria-current="page"' in opened


@pytest.mark.parametrize("before", ["", "step_99", "no such step"])
def test_a_step_is_added_at_the_end_unless_its_place_is_known(
    before, add, three_steps, identifiers
):
    add(before)
    assert identifiers() == ["step_1", "step_2", "step_3", "step_4"]


def test_a_step_added_before_a_deleted_one_takes_its_place(add, three_steps, identifiers):
    order.delete(three_steps[1])
    add(before="step_2")
    assert identifiers() == ["step_1", "step_4", "step_3"]


def test_a_new_order_is_stored_and_broken_references_show_at_once(
    put_in_order, three_steps, identifiers, sandbox
):
    response = put_in_order("step_3", "step_1", "step_2")
    assert identifiers() == ["step_3", "step_1", "step_2"]
    assert response.text.count("1 problem to fix") == 1
    assert json.loads(response["HX-Trigger-After-Settle"])["steps-moved"]["said"]


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["step_1", "step_2"],
        ["step_1", "step_2", "step_3", "step_3"],
        ["step_1", "step_2", "step_9"],
        ["step_1", "step_2", "step_3", "step_4"],
    ],
)
def test_an_order_that_is_not_exactly_the_steps_of_the_workflow_is_refused_with_a_sentence(
    wrong, put_in_order, three_steps, identifiers
):
    response = put_in_order(*wrong)
    assert response.status_code == 409
    assert order.CHANGED_MEANWHILE in response.text
    assert identifiers() == ["step_1", "step_2", "step_3"]


def test_a_step_is_moved_up_and_down_and_its_place_is_said(
    three_steps, identifiers, page, address_of
):
    move = address_of(three_steps[2], "move-step")
    response = page.post(move, {"direction": "up"})
    assert identifiers() == ["step_1", "step_3", "step_2"]
    event = json.loads(response["HX-Trigger-After-Settle"])
    assert event["steps-moved"]["said"] == "“Poster” is step 2 of 3."
    page.post(move, {"direction": "up"})
    page.post(move, {"direction": "up"})
    assert identifiers() == ["step_3", "step_1", "step_2"]
    page.post(move, {"direction": "down"})
    page.post(move, {"direction": "sideways"})
    assert identifiers() == ["step_1", "step_3", "step_2"]


def test_moving_a_step_changes_no_version_of_it(put_in_order, three_steps):
    put_in_order("step_3", "step_2", "step_1")
    assert set(Step.objects.values_list("version", flat=True)) == {1}


def test_a_copy_stands_after_its_original_with_an_identifier_of_its_own(
    three_steps, identifiers, page, address_of
):
    page.post(address_of(three_steps[0], "duplicate-step"))
    assert identifiers() == ["step_1", "step_4", "step_2", "step_3"]
    copy, original = (Step.objects.get(identifier=name) for name in ("step_4", "step_1"))
    assert copy.name == "Hero copy"
    assert copy.settings == original.settings
    assert copy.failure_policy == original.failure_policy


def test_the_name_of_a_copy_is_never_too_long(three_steps):
    Step.objects.filter(identifier="step_1").update(name="x" * 100)
    copy = order.duplicate(three_steps[0])
    assert copy.name == "x" * 95 + " copy"


def test_every_copy_has_a_name_of_its_own(three_steps):
    names = [order.duplicate(three_steps[0]).name for _ in range(2)]
    names.append(order.duplicate(Step.objects.get(name="Hero copy")).name)
    assert names == ["Hero copy", "Hero copy 2", "Hero copy 3"]


def test_the_question_before_deleting_names_the_steps_and_references_that_would_break(
    three_steps, page, address_of
):
    html = page.get(address_of(three_steps[0], "step-settings")).text
    broken = "Poster (step_3): {{step_1.output.assets.0.file_url}}"
    assert html.count(broken) == 2  # on the card and in the step's menu
    assert "Delete “Banner” (step_2)? Its runs and images are kept. No step uses it." in html


def test_a_long_list_of_references_is_cut(three_steps):
    three_steps[2].settings["prompt"] = " ".join(
        f"{{{{step_1.output.assets.{index}.id}}}}" for index in range(200)
    )
    asked = question("Delete?", uses_in(three_steps)["step_1"])
    assert "This would break 200 references in 1 step:" in asked
    assert asked.endswith("and 192 more")


def test_undo_puts_a_deleted_step_back_in_its_place_even_after_others_moved(
    three_steps, identifiers, put_in_order, page, address_of
):
    response = page.post(address_of(three_steps[1], "delete-step"), {"open": "step_3"})
    assert response["Location"] == address_of(three_steps[2], "step-settings")
    assert identifiers() == ["step_1", "step_3"]
    undo = address_of(three_steps[1], "restore-step")
    tags = [message.extra_tags for message in get_messages(response.wsgi_request)]
    assert tags == [f"{UNDO}{undo}"]
    put_in_order("step_3", "step_1")
    assert page.post(undo)["Location"] == address_of(three_steps[1], "step-settings")
    assert identifiers() == ["step_3", "step_1", "step_2"]
    assert page.post(undo).status_code == 302
    assert identifiers() == ["step_3", "step_1", "step_2"]


def test_deleting_the_open_step_opens_its_neighbour_and_the_last_one_the_inputs(
    three_steps, page, address_of
):
    hero, banner, poster = three_steps

    def deleted(step):
        address = address_of(step, "delete-step")
        return page.post(address, {"open": step.identifier})["Location"]

    assert deleted(banner) == address_of(hero, "step-settings")
    assert deleted(hero) == address_of(poster, "step-settings")
    assert page.get(deleted(poster))["Location"].endswith("/inputs")


def test_a_deleted_step_is_left_out_everywhere_and_its_references_are_broken(
    three_steps, page, address_of
):
    order.delete(three_steps[0])
    html = page.get(address_of(three_steps[2], "step-settings")).text
    assert "1 problem to fix" in html
    assert 'id="card-step_1"' not in html
    assert "There is no step “step_1”" in html


def test_the_page_of_a_deleted_step_says_so_and_offers_undo(
    three_steps, page, address_of, browser_of, viewer, stranger
):
    order.delete(three_steps[0])
    for tab in ("step-settings", "step-output"):
        address = address_of(three_steps[0], tab)
        response = page.get(address)
        assert response.status_code == 410
        assert "This step was deleted" in response.text
        assert address_of(three_steps[0], "restore-step") in response.text
        seen = browser_of(viewer).get(address)
        assert seen.status_code == 410
        assert "Undo the deletion" not in seen.text
        assert browser_of(stranger).get(address).status_code == 404


@pytest.mark.parametrize("button", ["save-step", "start-step-run", "start-workflow-run"])
def test_what_is_typed_into_a_deleted_step_stays_on_the_screen(
    button, three_steps, page, address_of
):
    order.delete(three_steps[0])
    typed = SETTINGS | {"prompt": "Typed too late", "version": "1", "form_key": "a"}
    response = page.post(address_of(three_steps[0], button), typed)
    assert response.status_code == 409
    assert "This step was deleted" in response.text
    assert "Typed too late" in response.text
    assert response["HX-Trigger"] == "step-not-saved"
    stored = Step.everything.get(identifier="step_1")
    assert stored.settings["prompt"] != "Typed too late"
    saved = page.post(address_of(three_steps[0], "restore-and-save-step"), typed)
    assert saved.status_code == 200
    stored.refresh_from_db()
    assert (stored.deleted_at, stored.settings["prompt"]) == (None, "Typed too late")


def test_what_is_typed_into_a_deleted_workflow_brings_it_back(
    three_steps, workflow, page, address_of
):
    page.post(f"/w/acme-shop/workflows/{workflow.pk}/delete")
    typed = SETTINGS | {"prompt": "Typed too late", "version": "1", "form_key": "a"}
    response = page.post(address_of(three_steps[0], "save-step"), typed)
    assert response.status_code == 409
    assert "This workflow was deleted" in response.text
    assert "Typed too late" in response.text
    assert page.post(address_of(three_steps[0], "restore-and-save-step"), typed).status_code == 200
    workflow.refresh_from_db()
    three_steps[0].refresh_from_db()
    assert workflow.deleted_at is None
    assert three_steps[0].settings["prompt"] == "Typed too late"


def test_a_full_workflow_takes_no_further_step(three_steps, add, page, address_of, monkeypatch):
    monkeypatch.setattr(order, "MOST_STEPS", 3)
    hero = three_steps[0]
    refused = "A workflow has at most 3 steps. Delete one first."
    assert said(add()) == [refused]
    assert refused in said(page.post(address_of(hero, "duplicate-step")))
    order.delete(hero)
    add()
    assert refused in said(page.post(address_of(hero, "restore-step")))
    assert Step.objects.count() == 3


def test_a_running_workflow_keeps_the_order_it_was_started_with(
    three_steps, page, address_of, press_run, put_in_order, let_the_hive_work, sandbox
):
    press_run(three_steps[0])
    order.delete(three_steps[0])
    put_in_order("step_3", "step_2")
    let_the_hive_work()
    step_run = Step.everything.get(identifier="step_1").runs.get()
    assert step_run.status == "succeeded"
    assert step_run.step == three_steps[0]


def test_the_editor_asks_as_many_questions_for_many_steps_as_for_few(
    three_steps, workflow, step_of, page, address_of, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    addresses = [address_of(three_steps[0], name) for name in ("step-settings", "step-cards")]
    for address in addresses:
        with CaptureQueriesContext(connection) as few:
            page.get(address)
        for _ in range(10):
            step_of(workflow, "Like {{step_2.output.assets.0.file_url}}")
        with django_assert_num_queries(len(few)):
            page.get(address)
    everything = [f"step_{number}" for number in range(1, 24)]
    with CaptureQueriesContext(connection) as queries:
        order.put_in_order(workflow, everything[::-1])
    assert len(queries) <= 5
