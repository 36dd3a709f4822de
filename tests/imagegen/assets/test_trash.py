import contextlib
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db.models import Sum
from django.utils.timezone import now

from imagegen.assets import trash
from imagegen.models import Asset, Charge, Part, Storage


@pytest.fixture
def assets(run_of, looked_at):
    """Two images of one run."""
    return [looked_at(asset) for asset in run_of("gpt-image-2", image_count=2).assets.all()]


def keys(assets):
    return [asset.pk for asset in assets]


def used():
    return Storage.objects.get().used


def live_bytes():
    return Asset.objects.live().aggregate(total=Sum("file_size"))["total"] or 0


def delete(*assets):
    return trash.delete(assets[0].workspace_id, keys(assets))


def restore(*assets):
    return trash.restore(assets[0].workspace_id, Asset.objects.filter(pk__in=keys(assets)))


def pass_days(days):
    Asset.objects.in_trash().update(deleted_at=now() - timedelta(days=days))


def files():
    return {path.name for path in Path(default_storage.location).rglob("*") if path.is_file()}


def test_deleting_frees_the_bytes_at_once_and_the_address_is_gone(assets, client):
    first, second = assets
    assert delete(first).freed == first.file_size
    assert used() == live_bytes() == second.file_size
    gone = client.get(first.path)
    assert (gone.status_code, gone["Cache-Control"]) == (410, "no-store")
    assert client.get(first.thumbnail_path)["Location"].endswith("/deleted-image.svg")
    assert client.get(second.path).getvalue()


def test_restoring_takes_the_bytes_again_and_the_address_answers(assets, client):
    delete(*assets)
    assert restore(*assets) == 2
    assert used() == live_bytes() == sum(asset.file_size for asset in assets)
    answer = client.get(assets[0].path)
    assert answer.status_code == 200
    assert answer.getvalue()


def test_deleting_or_restoring_twice_counts_once(assets):
    first, second = assets
    assert [delete(first).images for _ in range(3)] == [1, 0, 0]
    assert used() == second.file_size
    assert [restore(first) for _ in range(3)] == [1, 0, 0]
    assert used() == first.file_size + second.file_size


def test_restoring_what_does_not_fit_is_refused_with_the_numbers_and_changes_nothing(assets):
    first, second = assets
    delete(*assets)
    Storage.objects.update(limit=first.file_size + second.file_size - 1)
    with pytest.raises(trash.NoRoom) as refused:
        restore(*assets)
    assert refused.value.needed == first.file_size + second.file_size
    assert refused.value.storage.left == first.file_size + second.file_size - 1
    assert (used(), Asset.objects.live().count()) == (0, 0)
    assert restore(first) == 1
    assert used() == first.file_size


def test_what_fits_to_the_byte_is_restored(assets):
    delete(*assets)
    Storage.objects.update(limit=sum(asset.file_size for asset in assets))
    assert restore(*assets) == 2


@pytest.mark.cooked_books
def test_an_image_whose_request_is_not_closed_yet_stays_because_its_bytes_are_not_counted(assets):
    Part.objects.update(state=Part.State.RECEIVED, finished_at=None)
    before = used()
    assert delete(*assets).images == 0
    assert used() == before


def test_the_ids_of_another_workspace_delete_nothing(assets, stranger):
    elsewhere = stranger.memberships.get().workspace_id
    assert trash.delete(elsewhere, keys(assets)).images == 0
    assert Asset.objects.live().count() == 2


def test_after_its_days_in_the_trash_the_files_go_and_the_rows_stay(assets, settings, client):
    first, second = assets
    delete(first)
    pass_days(settings.TRASH_DAYS - 1)
    assert trash.purge() == 0
    pass_days(settings.TRASH_DAYS + 1)
    assert trash.purge() == 1
    assert files() == {second.key.split("/")[-1], second.thumbnail_key.split("/")[-1]}
    assert restore(first) == 0
    assert used() == second.file_size
    assert client.get(first.path).status_code == 410
    assert (Asset.objects.count(), Charge.objects.count()) == (2, 1)
    assert trash.purge() == 0


@contextlib.contextmanager
def storage_that_fails_after(deletions, error):
    numbers, delete = count(), default_storage.delete

    def fails(name):
        if next(numbers) >= deletions:
            raise error
        delete(name)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(default_storage, "delete", fails, raising=False)
        yield


@pytest.mark.parametrize("works_for", range(5))
def test_a_purge_that_was_killed_anywhere_is_finished_by_the_next(
    assets, settings, works_for, client
):
    delete(*assets)
    pass_days(settings.TRASH_DAYS + 1)
    with (
        storage_that_fails_after(works_for, KeyboardInterrupt),
        contextlib.suppress(KeyboardInterrupt),
    ):
        trash.purge()
    assert restore(*assets) == 0  # whatever has gone, no address leads to half of it
    trash.purge()
    assert files() == set()
    assert not Asset.objects.with_files().exists()
    assert used() == 0


def test_a_storage_that_does_not_answer_is_asked_again_in_the_next_round(assets, settings):
    delete(*assets)
    pass_days(settings.TRASH_DAYS + 1)
    with storage_that_fails_after(0, OSError("no route to the storage")):
        assert trash.purge() == 0
    assert Asset.objects.with_files().count() == 2
    assert trash.purge() == 2
