"""The list of workflows: what it shows, and what can be done from it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import now

from imagegen.billing.corrections import correct_to
from imagegen.billing.models import Charge
from imagegen.provider_keys.store import store
from workflows.models import Run, Workflow
from workflows.money import dollars


@pytest.fixture
def listed(page, workspace):
    """The list as a person reads it."""

    def read(**search):
        response = page.get(reverse("workflows:workflow-list", args=[workspace.slug]), search)
        return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())

    return read


@pytest.fixture
def press(page):
    """A button of the list."""

    def post(route, workflow, **fields):
        address = reverse(f"workflows:{route}", args=[workflow.workspace.slug, workflow.pk])
        return page.post(address, fields, follow=True)

    return post


def test_nobody_has_made_one_yet(listed):
    assert "No workflow yet" in listed()


def test_a_workflow_shows_its_steps_its_last_run_and_what_it_cost(
    vendors, hosted_keys, finished_run, step_of, listed
):
    step_of(finished_run.run.workflow)
    shown = listed()
    assert "Product hero images" in shown
    assert "2 steps" in shown
    assert "Succeeded" in shown
    assert f"{dollars(Charge.objects.get().amount_micro)} in 30 days" in shown
    assert "simulated $" not in shown


def test_what_the_sandbox_simulated_is_marked_and_no_part_of_the_cost(finished_run, listed):
    shown = listed()
    assert "$0.00 in 30 days" in shown
    assert f"simulated {dollars(Charge.objects.get().amount_micro)}" in shown


def test_what_was_charged_longer_ago_is_not_in_it(vendors, hosted_keys, run_of, listed):
    with time_machine.travel(now() - timedelta(days=31)):
        run_of("gpt-image-2")
    assert Charge.objects.get().amount_micro
    assert "$0.00 in 30 days" in listed()


def test_what_a_personal_key_paid_is_not_in_it(vendors, author, workspace, run_of, listed):
    store(workspace, "openai", "sk-personal-0123456789", author)
    run_of("gpt-image-2", charge_type="personal")
    assert Charge.objects.get().list_micro
    assert "$0.00 in 30 days" in listed()


def test_what_was_given_back_is_not_in_it(vendors, hosted_keys, author, finished_run, listed):
    correct_to(Charge.objects.get(), 1_000, key="c:1", reason="half was blank", by=author)
    assert "$0.0010 in 30 days" in listed()


@pytest.mark.parametrize("status", Run.Status)
def test_every_status_of_the_last_run_has_its_words(finished_run, listed, status):
    is_over = status in Run.FINISHED
    Run.objects.update(status=status, finished_at=now() if is_over else None)
    assert status.label in listed()


def test_the_search_finds_a_part_of_the_name_in_any_case(workspace, listed):
    for name in ("Äpfel und Birnen", "Banners", "100% cotton"):
        Workflow.objects.create(workspace=workspace, name=name)
    assert "Äpfel" in listed(q="äPF")
    assert "Banners" not in listed(q="äpf")
    assert "100% cotton" in listed(q="%")
    assert "Banners" not in listed(q="%")


def test_a_search_without_a_find_says_so_and_leads_back(workflow, listed):
    shown = listed(q="<script>\x00")
    assert "Nothing found" in shown
    assert "Show all workflows" in shown


def test_the_number_of_queries_does_not_grow(
    finished_run, step_of, page, workspace, django_assert_num_queries
):
    address = reverse("workflows:workflow-list", args=[workspace.slug])
    for number in range(12):
        step_of(Workflow.objects.create(workspace=workspace, name=f"Workflow {number}"))
    with django_assert_num_queries(10):
        page.get(address)
    for number in range(12):
        step_of(Workflow.objects.create(workspace=workspace, name=f"More {number}"))
    with django_assert_num_queries(10):
        page.get(address)


@pytest.fixture
def many_workflows(workspace):
    return Workflow.objects.bulk_create(
        Workflow(workspace=workspace, name=f"Workflow {number}") for number in range(1, 121)
    )


def test_a_page_holds_fifty_and_the_search_goes_over_all(many_workflows, listed):
    assert "Page 1 of 3" in listed()
    assert "Workflow 120 " in listed()
    assert "Workflow 1 " in listed(page="3")
    assert "Workflow 21 " not in listed(page="3")
    found = listed(q="workflow 1")
    assert "Workflow 1 " in found
    assert "Page" not in found


@pytest.mark.parametrize(
    ("number", "shown"),
    [("0", 3), ("-1", 3), ("99", 3), ("9" * 40, 3), ("9" * 5000, 1), ("x", 1), ("", 1), ("2", 2)],
)
def test_a_page_number_that_means_no_page_shows_one(number, shown, many_workflows, listed):
    assert f"Page {shown} of 3" in listed(page=number)


def test_renaming_needs_a_name(workflow, press):
    assert press("rename-workflow", workflow, name="Banners")["HX-Trigger"] == "workflow-renamed"
    assert press("rename-workflow", workflow, name="  ").status_code == 422
    assert press("rename-workflow", workflow, name="x" * 101).status_code == 422
    assert Workflow.objects.get().name == "Banners"


def test_a_copy_has_steps_and_inputs_of_its_own_and_no_runs(
    finished_run, step_of, press, listed, page, address_of
):
    workflow = finished_run.run.workflow
    step_of(workflow, "{{step_1.output.assets.0.file_url}} {{product}}")
    page.post(address_of(step_of(workflow), "delete-step"))
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a bottle"
    )
    press("duplicate-workflow", workflow)
    copy = Workflow.objects.get(name="Product hero images copy")
    assert [step.identifier for step in copy.steps.all()] == ["step_1", "step_2"]
    assert not set(copy.steps.values_list("pk")) & set(workflow.steps.values_list("pk"))
    assert copy.steps.last().settings == workflow.steps.last().settings
    assert copy.inputs.get().test_value == "a bottle"
    assert not copy.runs.exists()
    assert copy.last_run_number == 0
    assert copy.add_step().identifier == "step_4"
    assert "Never run" in listed()


def test_the_copy_of_a_long_name_still_is_a_name(workflow, press):
    Workflow.objects.update(name="x" * 100)
    press("duplicate-workflow", workflow)
    assert Workflow.objects.filter(name="x" * 95 + " copy").exists()


def test_every_copy_has_a_name_of_its_own(workflow, press):
    for name in ("Product hero images", "Product hero images", "Product hero images copy"):
        press("duplicate-workflow", Workflow.objects.get(name=name))
    press("delete-workflow", Workflow.objects.get(name="Product hero images copy 2"))
    press("duplicate-workflow", workflow)
    made = Workflow.objects.live().order_by("created_at")
    assert [each.name.removeprefix("Product hero images") for each in made] == [
        "",
        " copy",
        " copy 3",
        " copy 2",
    ]


def test_a_deleted_workflow_comes_back_by_undo(workflow, press, listed):
    response = press("delete-workflow", workflow)
    assert "Deleted “Product hero images”" in response.text
    undo = reverse("workflows:restore-workflow", args=[workflow.workspace.slug, workflow.pk])
    assert f'action="{undo}"' in response.text
    assert "Product hero images" not in listed()
    press("restore-workflow", workflow)
    press("restore-workflow", workflow)
    assert "Product hero images" in listed()


@pytest.mark.parametrize("tab", ["step-settings", "step-output"])
def test_the_address_of_a_deleted_workflow_says_so_to_members_only(
    tab, image_step, press, page, address_of, browser_of, viewer, stranger
):
    press("delete-workflow", image_step.workflow)
    address = address_of(image_step, tab)
    response = page.get(address)
    assert response.status_code == 404
    assert "This workflow was deleted" in response.text
    assert "Restore it" in response.text
    looking = browser_of(viewer).get(address).text
    assert "This workflow was deleted" in looking
    assert "Restore it" not in looking
    assert "was deleted" not in browser_of(stranger).get(address).text
    assert press("duplicate-workflow", image_step.workflow).status_code == 404


def test_a_viewer_sees_no_button_that_would_be_refused(workflow, browser_of, viewer):
    address = reverse("workflows:workflow-list", args=[workflow.workspace.slug])
    shown = browser_of(viewer).get(address).text
    assert "Export Product hero images" in shown
    for name in ("Rename", "Duplicate", "Delete"):
        assert f"{name} Product hero images" not in shown
    assert "Import" not in shown
