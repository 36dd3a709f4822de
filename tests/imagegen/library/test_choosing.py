"""Deleting, restoring and downloading what was chosen."""

import io
import json
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from imagegen.models import Asset, Storage


@pytest.fixture
def assets(run_of):
    """Three images of one run."""
    return list(run_of("gpt-image-2", image_count=3).assets.all())


@pytest.fixture
def press(page, workspace):
    """A button of the library, with some images chosen."""

    def pressed(name, *assets, client=page, **more):
        address = reverse(f"imagegen:{name}", args=[workspace.slug])
        keys = [getattr(asset, "pk", asset) for asset in assets]
        return client.post(address, {"asset": keys, **more}, follow=True)

    return pressed


@pytest.fixture
def undo(page):
    """What the Undo of the message on a page asks for."""

    def undone(response):
        message = next(iter(response.context["messages"]))
        return page.post(message.extra_tags.removeprefix("undo:"), follow=True)

    return undone


def live():
    return set(Asset.objects.live())


def test_deleting_says_what_is_free_and_undo_brings_it_back(assets, press, undo):
    first, second, third = assets
    deleted = press("delete-assets", first, second)
    assert "Deleted 2 images." in deleted.text
    assert "are free." in deleted.text
    assert live() == {third}
    restored = undo(deleted)
    assert "Restored 2 images." in restored.text
    assert live() == set(assets)


def test_undo_restores_what_was_deleted_together_and_nothing_else(assets, press, undo):
    first, second, _ = assets
    press("delete-assets", first)
    undo(press("delete-assets", second))
    assert first not in live()
    assert second in live()


def test_pressing_delete_twice_deletes_once_and_keeps_the_undo(assets, press, undo):
    used = Storage.objects.get().used
    press("delete-assets", assets[0])
    again = press("delete-assets", assets[0])
    assert "Deleted 1 image." in again.text
    undo(again)
    assert Storage.objects.get().used == used


def test_undo_without_room_names_the_numbers_and_leads_to_the_largest(assets, press, undo):
    deleted = press("delete-assets", *assets)
    Storage.objects.update(limit=10)
    refused = undo(deleted)
    assert refused.redirect_chain[-1][0].endswith("/library?sort=size")
    assert "Not restored: it takes" in refused.text
    assert "10 bytes are left" in refused.text
    assert live() == set()


def test_where_one_was_is_kept_after_a_deletion(assets, page, workspace):
    address = reverse("imagegen:delete-assets", args=[workspace.slug]) + "?q=bottle&sort=size"
    response = page.post(address, {"asset": assets[0].pk})
    assert response["Location"].endswith("/library?q=bottle&sort=size")


@pytest.mark.parametrize("name", ["delete-assets", "restore-assets", "download-assets"])
def test_without_a_choice_it_is_said_how_to_choose(name, assets, press):
    assert "Choose images first" in press(name).text
    assert live() == set(assets)


@pytest.mark.parametrize("name", ["delete-assets", "restore-assets", "download-assets"])
def test_more_than_a_hundred_are_refused(name, assets, press):
    assert "at most 100 images" in press(name, *(uuid.uuid4() for _ in range(101))).text


@pytest.mark.parametrize("name", ["delete-assets", "restore-assets", "download-assets"])
def test_one_id_of_another_workspace_among_ones_own_is_not_found_and_changes_nothing(
    name, assets, press, stranger, browser_of
):
    client = browser_of(stranger)
    address = reverse(f"imagegen:{name}", args=["elsewhere"])
    assert client.post(address, {"asset": assets[0].pk}).status_code == 404
    assert client.post(address, {"asset": "nonsense"}).status_code == 404
    assert live() == set(assets)


def test_the_undo_of_another_workspace_restores_nothing(assets, press, stranger, browser_of):
    press("delete-assets", assets[0])
    deletion = Asset.objects.get(pk=assets[0].pk).deletion
    client = browser_of(stranger)
    said = client.post(
        reverse("imagegen:restore-deletion", args=["elsewhere", deletion]), follow=True
    )
    assert "Nothing was restored" in said.text
    assert assets[0] not in live()


def test_the_trash_shows_what_is_in_it_and_for_how_long_and_restores_it(
    assets, press, page, workspace
):
    press("delete-assets", *assets[:2])
    Asset.objects.filter(pk=assets[0].pk).update(deleted_at=now() - timedelta(days=11, hours=1))
    shown = page.get(reverse("imagegen:library-trash", args=[workspace.slug])).text
    assert "18 days left" in shown
    assert "29 days left" in shown
    assert str(assets[2].pk) not in shown
    assert "Restored 2 images." in press("restore-assets", *assets[:2]).text
    assert live() == set(assets)


def test_a_picture_in_the_trash_is_for_members_only(
    assets, press, page, workspace, stranger, browser_of
):
    address = reverse("imagegen:trashed-thumbnail", args=[workspace.slug, assets[0].pk])
    press("delete-assets", assets[0])
    shown = page.get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
    assert shown["Cache-Control"] == "private, no-store"
    assert b"".join(shown.streaming_content).startswith(b"RIFF")
    assert browser_of(stranger).get(address).status_code == 404
    Asset.objects.filter(pk=assets[0].pk).update(purged_at=now())
    assert page.get(address).status_code == 404


def read(response):
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_a_download_has_the_images_and_a_manifest(run_of, press, settings):
    first = run_of("gpt-image-2", "A jar").assets.get()
    second = run_of("grok-imagine-image", "A lamp").assets.get()
    Asset.objects.update(file_name="hero.jpeg")
    archive = read(press("download-assets", first, second))
    assert archive.namelist() == ["hero.jpeg", "hero (2).jpeg", "manifest.json"]
    assert archive.read("hero.jpeg") == (settings.FILES / first.key).read_bytes()
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["missing"] == []
    about = manifest["images"][1]
    assert (about["model"], about["prompt"], about["run"]) == ("grok-imagine-image", "A lamp", 2)
    assert about["cost"].startswith("$0.")


def test_what_is_in_the_trash_is_not_downloaded(assets, press):
    press("delete-assets", assets[0])
    archive = read(press("download-assets", *assets))
    assert len(archive.namelist()) == 3


@pytest.mark.cooked_books
def test_a_download_that_is_too_large_is_refused_with_the_figure(assets, press):
    Asset.objects.update(file_size=1_000_000_000)
    assert "a download holds at most 2 GB" in press("download-assets", *assets).text


def test_below_a_plan_that_was_lowered_runs_start_again_after_a_deletion(
    assets, press, press_run, let_the_hive_work
):
    step = assets[0].step_run.step
    Storage.objects.update(limit=assets[0].file_size + 1)
    press_run(step)
    let_the_hive_work()
    assert step.runs.last().error["error_code"] == "asset_storage_limit_reached"
    press("delete-assets", *assets[1:])
    press_run(step)
    let_the_hive_work()
    assert step.runs.latest("run_number").status == "succeeded"
