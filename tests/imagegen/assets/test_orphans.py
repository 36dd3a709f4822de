import io
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils.timezone import now

from imagegen.assets import orphans, trash
from imagegen.assets.orphans import Found, SlowScan, clear_away, empty_quarantine, scan
from imagegen.assets.scrub import damaged
from imagegen.models import Asset

DAY = 24 * 60 * 60


@pytest.fixture
def asset(finished_run, looked_at):
    return looked_at(finished_run.assets.get())


def put(name, days=2):
    """A file that was stored so many days ago, and to which nothing refers."""
    default_storage.save(name, ContentFile(b"bytes of an image"))
    return age(name, days)


def age(name, days):
    then = time.time() - days * DAY
    os.utime(default_storage.path(name), (then, then))
    return name


def age_everything(days=2):
    for path in Path(default_storage.location).rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - days * DAY,) * 2)


def searched():
    found = Found()
    for _ in scan(found):
        pass
    return found


@pytest.mark.cooked_books
def test_a_file_without_a_row_is_found_once_it_is_older_than_the_grace_period(asset):
    age_everything()
    old = put("abc/2026/01/old.png")
    put("abc/2026/01/new.png", days=0.5)
    assert searched().orphans == [old]


def test_it_is_moved_to_quarantine_under_its_own_name_and_deleted_only_much_later(db):
    name = put("abc/2026/01/old.png")
    assert clear_away(searched()) == [name]
    assert not default_storage.exists(name)
    assert default_storage.exists(f"quarantine/{name}")
    age(f"quarantine/{name}", 29)
    assert empty_quarantine() == 0
    age(f"quarantine/{name}", 31)
    assert empty_quarantine() == 1
    assert not default_storage.exists(f"quarantine/{name}")


def test_its_days_in_quarantine_count_from_the_day_it_came_there(db):
    clear_away((put("old.png", days=400), searched())[1])
    assert empty_quarantine() == 0


@pytest.mark.cooked_books
def test_a_file_in_quarantine_whose_row_is_back_is_never_deleted(asset):
    there = Path(default_storage.path(f"quarantine/{asset.key}"))
    there.parent.mkdir(parents=True)
    Path(default_storage.path(asset.key)).rename(there)
    age(f"quarantine/{asset.key}", 400)
    assert empty_quarantine() == 0
    assert "it lies in quarantine/" in searched().damaged[0]


def test_what_was_left_half_decoded_goes_the_same_way(db, settings):
    arriving = settings.FILES / "arriving"
    arriving.mkdir(parents=True)
    (arriving / "tmp-new").write_bytes(b"half")
    (arriving / "tmp-old").write_bytes(b"half")
    age("arriving/tmp-old", 2)
    assert clear_away(searched()) == ["arriving/tmp-old"]
    assert (arriving / "tmp-new").exists()


def test_images_thumbnails_and_what_is_in_the_trash_are_no_orphans(asset):
    age_everything()
    assert searched() == Found(files=2)
    trash.delete(asset.workspace_id, [asset.pk])
    assert searched() == Found(files=2)


def test_a_file_that_got_its_row_after_the_search_stays(asset):
    age_everything()
    found = Found(files=2, orphans=[asset.key, asset.thumbnail_key, "gone.png"])
    assert clear_away(found) == []
    assert default_storage.exists(asset.key)


def test_so_many_orphans_that_it_cannot_be_true_are_only_reported(db, caplog):
    for number in range(51):
        put(f"abc/{number}.png")
    found = searched()
    assert found.is_mass
    assert clear_away(found) == []
    orphans.report(found, [])
    assert "Is this the right database?" in caplog.text
    for number in range(600):
        put(f"abc/new-{number}.png", days=0)
    assert not searched().is_mass


@pytest.mark.cooked_books
def test_rows_without_their_file_are_told_and_never_touched(run_of):
    lost, short, whole = run_of("gpt-image-2", image_count=3).assets.all()
    Path(default_storage.path(lost.key)).unlink()
    Path(default_storage.path(short.key)).write_bytes(b"short")
    wrong = "\n".join(searched().damaged)
    assert f"asset {lost.pk}: its file {lost.key} is missing" in wrong
    assert f"has 5 bytes, not {short.file_size}" in wrong
    assert str(whole.pk) not in wrong
    assert Asset.objects.live().count() == 3


@pytest.mark.cooked_books
def test_a_bit_that_flipped_in_a_file_is_found_by_reading_all_of_it(asset):
    assert list(damaged()) == []
    path = Path(default_storage.path(asset.key))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert searched().damaged == []
    assert "other SHA-256" in next(damaged())


@pytest.mark.cooked_books
def test_the_command_reports_and_acts_only_when_told(asset):
    age_everything()
    name = put("abc/old.png")
    said = io.StringIO()
    call_command("find_orphans", stdout=said)
    assert f"no row refers to {name}" in said.getvalue()
    assert default_storage.exists(name)
    call_command("find_orphans", "--quarantine", stdout=said)
    assert "1 moved to quarantine/" in said.getvalue()
    assert not default_storage.exists(name)
    Path(default_storage.path(asset.key)).unlink()
    with pytest.raises(SystemExit):
        call_command("find_orphans", stdout=said)


def test_the_sweep_does_a_batch_a_round_and_then_pauses(db, monkeypatch, caplog):
    monkeypatch.setattr(orphans, "BATCH", 2)
    for number in range(5):
        put(f"abc/{number}.png")
    sweep = SlowScan()
    for _ in range(3):
        sweep.scan_on()
        assert not default_storage.exists("quarantine")
    sweep.scan_on()
    assert len(list(Path(default_storage.path("quarantine")).rglob("*.png"))) == 5
    assert caplog.text.count("moved to quarantine/") == 5
    late = put("abc/late.png")
    sweep.scan_on()
    assert default_storage.exists(late)


def test_a_search_that_failed_is_begun_anew_after_the_pause(db, settings, monkeypatch):
    settings.ORPHAN_SCAN_SECONDS = 0
    put("abc/old.png")
    sweep = SlowScan()
    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "listdir", lambda folder: 1 / 0, raising=False)
        with pytest.raises(ZeroDivisionError):
            sweep.scan_on()
    sweep.scan_on()
    sweep.scan_on()
    assert default_storage.exists("quarantine/abc/old.png")


def test_a_move_that_was_killed_halfway_is_made_once_more_and_loses_nothing(db, monkeypatch):
    def killed(path, target):
        raise KeyboardInterrupt

    name = put("abc/old.png")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            clear_away(searched())
    assert default_storage.exists(name)
    age(name, 2)
    assert clear_away(searched()) == [name]


@pytest.mark.cooked_books
@pytest.mark.django_db(transaction=True)
def test_a_search_while_eight_writers_work_touches_no_live_file_and_dropped_rows_are_kept(asset):
    """Rows are dropped by hand, as after a restore of an older database."""
    part, done = asset.part, Event()

    def store(slot):
        key = f"{part.workspace_id}/2026/11/{secrets.token_hex(16)}.png"
        default_storage.save(key, ContentFile(b"x" * 10))
        row = {name: getattr(asset, name) for name in ("workspace_id", "step_run", "file_type")}
        facts = {"width": 1, "height": 1, "file_size": 10, "sha256": "", "simulated": True}
        Asset.objects.create(
            **row, **facts, part=part, slot=slot, key=key, token=secrets.token_hex(16)
        )

    def write(writer):
        try:
            for number in range(20):
                store(1 + writer * 20 + number)
        finally:
            connection.close()

    def collect():
        try:
            while not done.is_set():
                clear_away(searched())
        finally:
            connection.close()

    for slot in range(200, 230):
        store(slot)
    dropped = list(Asset.objects.filter(slot__gte=200).values_list("key", flat=True))
    age_everything()
    Asset.objects.filter(slot__gte=200).delete()
    with ThreadPoolExecutor(9) as pool:
        collector = pool.submit(collect)
        list(pool.map(write, range(8)))
        done.set()
        collector.result()
    clear_away(searched())
    live = Asset.objects.filter(created_at__lte=now())
    assert live.count() == 161
    assert all(default_storage.exists(each.key) for each in live)
    assert all(default_storage.exists(f"quarantine/{key}") for key in dropped)
