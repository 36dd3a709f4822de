"""A tab that shows a run comes to rest, whatever is deleted in another one meanwhile."""

import io
import re
from zipfile import ZipFile

import pytest
from django.urls import reverse

FRAGMENTS = ("step-cards", "step-left", "newest-runs", "against-settings")


def of_workflow(workflow, name):
    return reverse(f"workflows:{name}", args=[workflow.workspace.slug, workflow.pk])


@pytest.fixture(params=["the step", "the workflow", "both"])
def delete(request, page, address_of):
    """In another tab."""

    def deleted(step):
        if request.param != "the workflow":
            page.post(address_of(step, "delete-step"))
        if request.param != "the step":
            page.post(of_workflow(step.workflow, "delete-workflow"))

    return deleted


def test_a_run_is_followed_to_its_end(
    delete, image_step, press_run, page, address_of, let_the_hive_work
):
    shown = press_run(image_step).text
    (watch,) = set(re.findall(r'hx-get="([^"]*/runs/watch[^"]*)"', shown))
    (seen,) = set(re.findall(r'name="seen"\s+value="([^"]*)"', shown))
    delete(image_step)
    assert page.get(f"{watch}&seen={seen}").status_code == 204
    let_the_hive_work()
    assert page.get(f"{watch}&seen={seen}")["HX-Trigger"] == "run-changed"
    drawn = page.get(address_of(image_step, "show-step-run", 1), {"version": "1"})
    assert drawn.status_code == 200
    assert "Succeeded" in drawn.text
    assert "data-watch" not in drawn.text
    assert "run-changed" not in drawn.text


def test_what_is_drawn_beside_it_answers(
    delete, finished_run, page, address_of, browser_of, stranger
):
    delete(finished_run.step)
    for name in FRAGMENTS:
        address = address_of(finished_run.step, name)
        assert page.get(address).status_code == 200
        assert browser_of(stranger).get(address).status_code == 404


def test_all_images_can_still_be_downloaded(
    delete, finished_run, page, address_of, browser_of, stranger
):
    delete(finished_run.step)
    archive = f"{address_of(finished_run.step, 'show-step-run', 1)}/images.zip"
    response = page.get(archive)
    assert response["Content-Type"] == "application/zip"
    names = ZipFile(io.BytesIO(b"".join(response.streaming_content))).namelist()
    assert names == [finished_run.assets.get().file_name, "manifest.json"]
    assert browser_of(stranger).get(archive).status_code == 404
