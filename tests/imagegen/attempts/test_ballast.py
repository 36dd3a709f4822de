"""A disk that is full: noticed before anything is asked for, and answered by the ballast after."""

import os
import subprocess

import pytest

from imagegen.attempts import ballast
from imagegen.attempts.spool import SpoolWriter, read
from imagegen.models import Attempt, Storage, Wallet

ROOM = 4_000_000


@pytest.fixture
def small_disk(tmp_path, settings):
    """A real file system of four megabytes under the spool."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("a file system of its own needs root")
    settings.SPOOL = folder / "spool"
    settings.SPOOL_BALLAST_BYTES = 3_000_000
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder):
    with (folder / "something else").open("wb", buffering=0) as file:
        while os.statvfs(folder).f_bavail:
            file.write(bytes(os.statvfs(folder).f_bsize))


def test_the_ballast_keeps_its_room_on_the_disk(tmp_path, settings):
    settings.SPOOL_BALLAST_BYTES = 2_500_000
    ballast.ensure(tmp_path / "spool")
    status = (tmp_path / "spool" / ballast.NAME).stat()
    assert status.st_size == 2_500_000
    assert status.st_blocks * 512 >= 2_500_000  # no hole
    assert status.st_mode & 0o777 == 0o600


def test_an_answer_that_finds_the_disk_full_takes_the_room_of_the_ballast(small_disk, settings):
    ballast.ensure(settings.SPOOL)
    fill(small_disk)
    with SpoolWriter(settings.SPOOL, "answer") as writer:
        writer.begin(200, {})
        for _ in range(20):
            writer.write(bytes(100_000))
        writer.complete()
    assert read(settings.SPOOL, "answer").size == 2_000_000
    assert not (settings.SPOOL / ballast.NAME).exists()


def test_without_room_for_a_ballast_nothing_is_asked_for(
    small_disk, image_step, press_run, let_the_hive_work, sandbox
):
    fill(small_disk)
    press_run(image_step)
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "internal_error"
    assert error["message"] == (
        "Fetch Hive has no room on its disk for an answer, so nothing was asked. Tell the"
        " administrator; then press Run again. Nothing was sent and nothing was charged."
    )
    assert (sandbox.entries(), Attempt.objects.count()) == ([], 0)
    assert Wallet.objects.get(simulated=True).held == Storage.objects.get().reserved == 0


def test_a_run_whose_answer_finds_the_disk_full_loses_nothing(
    small_disk, image_step, press_run, let_the_hive_work, sandbox, settings
):
    ballast.ensure(settings.SPOOL)
    fill(small_disk)
    press_run(image_step)
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert len(sandbox.entries()) == 1
    (small_disk / "something else").unlink()
    ballast.ensure(settings.SPOOL)
    assert (settings.SPOOL / ballast.NAME).exists()
