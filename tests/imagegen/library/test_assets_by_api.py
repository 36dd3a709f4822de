"""Programs read the images of the workspace."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imagegen.assets import trash
from imagegen.models import Asset


@pytest.fixture
def images(workflow, step_of, press_run, let_the_hive_work):
    """Three of one run and one of another."""
    for count in (3, 1):
        press_run(step_of(workflow, image_count=count))
    let_the_hive_work()
    return list(Asset.objects.order_by("-pk"))


def test_they_come_page_by_page_newest_first(program, images):
    first = program.get("/api/v1/assets?limit=3")
    second = program.get(f"/api/v1/assets?limit=3&cursor={first.json()['next_cursor']}")
    ids = [each["id"] for answer in (first, second) for each in answer.json()["items"]]
    assert ids == [str(image.pk) for image in images]
    assert 'rel="next"' in first["Link"]
    assert (second.json()["next_cursor"], second.get("Link")) == (None, None)


def test_each_is_what_the_output_says_of_it_and_where_it_came_from(program, images):
    image = images[0]
    told = program.get(f"/api/v1/assets/{image.pk}").json()
    (stated,) = (
        each
        for each in image.step_run.output_for_later_steps["assets"]
        if each["id"] == str(image.pk)
    )
    assert told == stated | {
        "workflow_id": str(image.step_run.run.workflow_id),
        "run_id": str(image.step_run.run_id),
        "run_number": image.step_run.run_number,
        "step_identifier": image.step_run.identifier,
        "simulated": True,
        "created_at": told["created_at"],
    }
    assert told in program.get("/api/v1/assets").json()["items"]


def test_its_address_opens_without_a_key(program, images, client):
    told = program.get(f"/api/v1/assets/{images[0].pk}").json()
    answer = client.get(told["file_url"].removeprefix("http://testserver"))
    assert len(answer.getvalue()) == told["file_size"]


def test_they_are_filtered_by_workflow_and_run(program, images, workflow, workspace):
    of_run = f"/api/v1/assets?run_id={images[0].step_run.run_id}&workflow_id={workflow.pk}"
    runs = {each["run_id"] for each in program.get(of_run).json()["items"]}
    assert runs == {str(images[0].step_run.run_id)}
    other = workspace.workflows.create(name="Another")
    assert program.get(f"/api/v1/assets?workflow_id={other.pk}").json()["items"] == []


def test_what_is_in_the_trash_is_not_found(program, images, workspace):
    trash.delete(workspace.pk, [images[0].pk])
    assert program.get(f"/api/v1/assets/{images[0].pk}").status_code == 404
    ids = [each["id"] for each in program.get("/api/v1/assets").json()["items"]]
    assert ids == [str(image.pk) for image in images[1:]]


def test_a_list_asks_as_often_for_many_images_as_for_one(program, images):
    program.get("/api/v1/assets")  # the first writes when the key was used last
    with CaptureQueriesContext(connection) as one:
        program.get("/api/v1/assets?limit=1")
    with CaptureQueriesContext(connection) as many:
        program.get("/api/v1/assets")
    assert len(many) == len(one)
