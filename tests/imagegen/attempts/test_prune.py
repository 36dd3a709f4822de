import os
import time

import pytest
from django.utils.timezone import now

from imagegen.attempts.prune import KEEP, prune
from imagegen.models import Attempt


@pytest.fixture
def spool_file(finished_run, settings):
    return settings.SPOOL / f"{Attempt.objects.get().pk}.spool"


def make_old(path):
    then = time.time() - KEEP.total_seconds() - 60
    os.utime(path, (then, then))


def test_a_spool_goes_a_day_after_its_attempt_closed(spool_file):
    make_old(spool_file)
    assert prune() == 0  # an old answer that was stored a moment ago
    Attempt.objects.update(finished_at=now() - KEEP)
    assert prune() == 1
    assert not spool_file.exists()


def test_the_spool_of_an_open_attempt_stays_for_ever(spool_file):
    Attempt.objects.update(state=Attempt.State.RECEIVED, finished_at=None)
    make_old(spool_file)
    assert prune() == 0
    assert spool_file.exists()


def test_stored_files_are_never_touched(finished_run, settings):
    stored = next(settings.FILES.rglob("*.jpeg"))
    make_old(stored)
    assert prune() == 0
    assert stored.exists()
