"""Download all: the images of a run in one file."""

import io
import json
from zipfile import ZipFile

import pytest

from imagegen.models import Asset


@pytest.fixture
def three_images(image_step, press_run, let_the_hive_work):
    press_run(image_step, image_count="3")
    let_the_hive_work()
    return image_step.runs.get()


@pytest.fixture
def archive_of(page, address_of):
    def fetch(step_run):
        address = address_of(step_run.step, "show-step-run", step_run.run.number)
        response = page.get(f"{address}/images.zip")
        assert response["Content-Type"] == "application/zip"
        assert response["Content-Disposition"] == 'attachment; filename="hero-image-r1.zip"'
        return ZipFile(io.BytesIO(b"".join(response.streaming_content)))

    return fetch


def test_it_holds_every_image_as_it_is_stored_and_a_manifest(three_images, archive_of, client):
    archive = archive_of(three_images)
    assets = list(three_images.assets.all())
    assert archive.namelist() == [asset.file_name for asset in assets] + ["manifest.json"]
    for asset in assets:
        stored = b"".join(client.get(asset.path).streaming_content)
        assert archive.read(asset.file_name) == stored
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["output"] == three_images.output_for_later_steps
    assert manifest["prompt"] == "A blue insulated water bottle"
    assert (manifest["step"], manifest["run"], manifest["missing"]) == ("step_1", 1, [])


@pytest.mark.cooked_books
def test_an_image_whose_file_is_lost_is_named_and_the_others_are_there(
    three_images, archive_of, settings
):
    lost = Asset.objects.first()
    (settings.FILES / lost.key).unlink()
    archive = archive_of(three_images)
    assert len(archive.namelist()) == 3
    assert json.loads(archive.read("manifest.json"))["missing"] == [lost.file_name]


def test_a_single_image_needs_no_archive(finished_run, page, address_of):
    html = page.get(address_of(finished_run.step, "step-output")).text
    assert "download-all" not in html


def test_several_images_offer_it(three_images, page, address_of):
    html = page.get(address_of(three_images.step, "step-output")).text
    assert "Download all 3" in html
