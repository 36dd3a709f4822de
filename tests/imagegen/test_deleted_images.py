"""A step whose prompt leads to an image that is deleted: told before anything is paid for."""

from datetime import timedelta

import pytest
from django.db.models import F

from imagegen.assets import trash
from imagegen.models import Asset, Part
from workflows.models import Workflow

REFERENCE = "In the style of {{step_1.output.assets.0.file_url}}"


@pytest.fixture
def image(finished_run):
    return finished_run.assets.get()


@pytest.fixture
def later(workflow, step_of, image):
    return step_of(workflow, REFERENCE)


@pytest.fixture
def ended(let_the_hive_work):
    """The newest run of a step, when everything is done."""

    def run(step):
        let_the_hive_work()
        return step.runs.order_by("-run_number").first()

    return run


def test_a_step_that_needs_an_image_which_was_deleted_fails_before_money(
    image, later, press_run, ended, sandbox, page, address_of
):
    press_run(later)
    trash.delete(image.workspace_id, [image.pk])  # while the run waits
    step_run = ended(later)
    assert step_run.error["error_code"] == "variable_not_found"
    assert step_run.error["message"] == (
        f"The prompt refers to {image.file_name} of step_1, which was deleted. Restore it from the"
        " trash of the library or change the reference; then press Run again. Nothing was sent and"
        " nothing was charged."
    )
    assert not Part.objects.filter(step_run=step_run).exists()
    assert len(sandbox.entries()) == 1
    html = page.get(address_of(later, "step-output")).text
    assert f"The prompt refers to {image.file_name} of step_1" in html
    assert "Mend the reference" in html


@pytest.mark.parametrize("written", ["{{step_1.output}}", "{{step_1.output.assets}}", "pasted"])
def test_it_is_found_however_the_prompt_leads_to_it(
    written, image, workflow, step_of, press_run, ended
):
    step = step_of(workflow, image.file_url if written == "pasted" else written)
    trash.delete(image.workspace_id, [image.pk])
    press_run(step)
    assert image.file_name in ended(step).error["message"]


def test_restored_it_is_as_it_was(image, later, press_run, ended):
    trash.delete(image.workspace_id, [image.pk])
    trash.restore(image.workspace_id, Asset.objects.all())
    press_run(later)
    assert ended(later).status == "succeeded"


def test_when_it_is_gone_for_good_nobody_is_sent_to_the_trash(
    image, later, press_run, ended, settings
):
    trash.delete(image.workspace_id, [image.pk])
    Asset.objects.update(deleted_at=F("deleted_at") - timedelta(days=settings.TRASH_DAYS + 1))
    trash.purge()
    press_run(later)
    assert "was deleted. Change the reference" in ended(later).error["message"]


def test_strangers_are_not_told_whether_an_image_is_deleted(
    image, stranger, browser_of, step_of, press_run, ended
):
    theirs = Workflow.objects.create(
        workspace=stranger.memberships.get().workspace, name="Elsewhere"
    )
    step = step_of(theirs, image.file_url)
    trash.delete(image.workspace_id, [image.pk])
    press_run(step, browser_of(stranger))
    assert ended(step).status == "succeeded"
