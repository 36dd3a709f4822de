"""A plain model of the storage plan beside the real one: whatever is done, both agree."""

from datetime import timedelta
from secrets import token_hex

import pytest
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from imagegen.assets import quota, trash
from imagegen.assets.models import Asset, Storage
from imagegen.attempts.models import Part
from imagegen.books.storage import counters_are_possible, reserved_is_the_sum, used_is_the_sum

LIMITS, SIZES = st.integers(0, 2_000), st.integers(1, 400)
LAWS = (counters_are_possible, reserved_is_the_sum, used_is_the_sum)


class Plan(RuleBasedStateMachine):
    """Of one workspace: `under_way` are its reservations, `live` and `in_trash` its images."""

    parts: "list[Part]"
    reserve = staticmethod(quota.reserve)
    planned = Bundle("planned")
    images = Bundle("images")

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()  # rolled back, so that the next begins anew
        self.waiting = iter(self.parts)
        self.workspace_id = self.parts[0].workspace_id
        self.limit, self.under_way, self.live, self.in_trash = 1_000, {}, {}, {}
        self.deletions = {}
        Storage.objects.update(limit=self.limit)

    def teardown(self):
        transaction.savepoint_rollback(self.savepoint)

    @property
    def used(self):
        return sum(self.live.values())

    @property
    def reserved(self):
        return sum(self.under_way.values())

    @rule(limit=LIMITS)
    def change_the_plan(self, limit):
        """Also below what is used."""
        self.limit = limit
        Storage.objects.update(limit=limit)

    @rule(target=planned, size=SIZES)
    def plan(self, size):
        part = next(self.waiting, None)
        if part is None:
            return None
        fits = self.used + self.reserved < self.limit
        assert self.reserve(self.workspace_id, size) == fits
        if not fits:
            return None
        Part.objects.filter(pk=part.pk).update(state="due", finished_at=None, reserved_bytes=size)
        self.under_way[part] = size
        return part

    @rule(target=images, part=planned, size=SIZES)
    def store_its_image(self, part, size):
        """A paid image is kept, however large it is."""
        if part not in self.under_way:
            return None
        image = _image(part, size)
        self._close(part, "settled", size)
        self.live[image] = size
        return image

    @rule(part=planned)
    def give_its_reservation_back(self, part):
        if part in self.under_way:
            self._close(part, "rejected", 0)

    def _close(self, part, state, stored):
        Part.objects.filter(pk=part.pk).update(state=state, finished_at=now())
        quota.settle(self.workspace_id, self.under_way.pop(part), stored)

    @rule(chosen=st.lists(images, max_size=3))
    def delete(self, chosen):
        """What is in the trash already frees nothing twice."""
        going = {image: self.live.pop(image) for image in set(chosen) if image in self.live}
        deletion = trash.delete(self.workspace_id, [image for image in chosen if image])
        assert (deletion.images, deletion.freed) == (len(going), sum(going.values()))
        self.in_trash |= going

    @rule(chosen=st.lists(images, max_size=3))
    def restore(self, chosen):
        """All of them, if they fit; what is live takes nothing twice."""
        coming = {image: self.in_trash[image] for image in set(chosen) if image in self.in_trash}
        size = sum(coming.values())
        rows = Asset.objects.filter(pk__in=[image for image in chosen if image])
        if coming and self.used + self.reserved + size > self.limit:
            with pytest.raises(trash.NoRoom):
                trash.restore(self.workspace_id, rows)
            return
        assert trash.restore(self.workspace_id, rows) == len(coming)
        for image in coming:
            self.live[image] = self.in_trash.pop(image)

    @rule()
    def empty_the_trash(self):
        Asset.objects.in_trash().update(deleted_at=now() - timedelta(days=365))
        trash.purge()
        self.in_trash.clear()

    @invariant()
    def they_agree(self):
        storage = Storage.objects.get(pk=self.workspace_id)
        assert (storage.used, storage.reserved) == (self.used, self.reserved)

    @invariant()
    def the_laws_hold(self):
        assert [breach for law in LAWS for breach in law()] == []


def _image(part, size):
    facts = {"width": 1, "height": 1, "file_type": "image/png", "file_name": "a.png"}
    return Asset.objects.create(
        workspace_id=part.workspace_id,
        step_run_id=part.step_run_id,
        part=part,
        slot=part.number,
        token=token_hex(16),
        key=token_hex(16),
        file_size=size,
        sha256="",
        simulated=False,
        **facts,
    ).pk


def _run(machine, parts, examples, steps, **more):
    machine = type("Run", (machine,), {"parts": parts})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


@pytest.fixture
def closed_parts(parts_of):
    """So many that wait to be planned: until then they have nothing to do with the storage."""

    def make(number):
        return parts_of(number, state="cancelled", finished_at=now())

    return make


def test_any_order_of_changes_leaves_counters_that_are_right(closed_parts):
    _run(Plan, closed_parts(40), examples=10, steps=30)


@pytest.mark.slow
def test_any_order_of_many_changes_leaves_counters_that_are_right(closed_parts):
    _run(Plan, closed_parts(400), examples=200, steps=250)


def test_a_plan_that_forgets_what_is_reserved_is_caught(closed_parts):
    """The control: a machine that can find nothing proves nothing. It ends at the first find."""

    class Forgetful(Plan):
        @staticmethod
        def reserve(workspace_id, size):
            rows = Storage.objects.filter(pk=workspace_id, limit__gt=F("used"))
            return rows.update(reserved=F("reserved") + size) == 1

    with pytest.raises(AssertionError):
        _run(Forgetful, closed_parts(10), examples=1000, steps=20, phases=[Phase.generate])
