"""One run, one worker that stands still in it, and what everybody else does meanwhile."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from imagegen.attempts.perform import perform_next
from imagegen.attempts.recover import recover
from imagegen.billing.ledger import LedgerEntry
from imagegen.books.check import breaches
from imagegen.models import Asset, Attempt, Charge, Part, Storage, Wallet
from imagegen.sandbox.server import Sandbox
from tests.kills.children import Zygote
from tests.kills.clusters import forget_connections
from workflows.models import Run, Step, StepRun, Workflow
from workflows.runs.start import run_workflow
from workflows.runs.sweep import advance_overdue_runs

ROWS = (Run, StepRun, Part, Attempt, Asset, Charge, LedgerEntry, Storage, Wallet)
PLACE = ("NAME", "HOST", "PORT", "USER", "PASSWORD")


@dataclass
class Stage:
    zygote: Zygote
    sandbox: Sandbox
    settings: Any
    page: Client
    workflow: Workflow
    step_of: Callable[..., Step]
    address_of: Callable[..., str]

    def set(self, point_name, point):
        """A worker takes up a run and stands still at the point."""
        self.point = point
        self.prompts = [f"{point_name}, picture {number}" for number in range(point.steps)]
        for prompt in self.prompts:
            self.step_of(self.workflow, prompt, image_count=point.images)
        member = self.workflow.workspace.memberships.get()
        self.run = run_workflow(self.workflow, member.user, "key")
        self.worker = self.zygote.play(
            "crash",
            point=point_name,
            run=str(self.run.pk),
            messages=point.steps,
            database={name: connection.settings_dict[name] for name in PLACE},
            sandbox=self.sandbox.base_url,
            spool=str(self.settings.SPOOL),
            files=str(self.settings.FILES),
        )
        self.zygote.hear("reached")

    # What befalls the worker

    def killed(self):
        self.worker.signal(signal.SIGKILL)
        assert self.zygote.hear("ended") == str(-signal.SIGKILL)

    def terminated(self):
        self.worker.signal(signal.SIGTERM)
        self.goes_on()

    def frozen(self):
        """It wakes when others have taken it for dead, and must leave no trace."""
        self.worker.signal(signal.SIGSTOP)
        self.others_work()
        before = rows()
        self.worker.signal(signal.SIGCONT)
        self.goes_on("wake")
        assert rows() == before

    def goes_on(self, word="go"):
        self.zygote.say(word)
        assert self.zygote.hear("ended") == "0"

    def workflow_deleted(self):
        self._press("delete-workflow")
        self.goes_on()

    def _press(self, name):
        where = [self.workflow.workspace.slug, self.workflow.pk]
        assert self.page.post(reverse(f"workflows:{name}", args=where)).status_code == 302

    def database_stopped(self, cluster):
        """Hard, as by a failure of its machine; it is there again while the worker goes on."""
        cluster.stop()
        self.zygote.say("go")
        cluster.start()
        assert self.zygote.hear("ended") == "0"
        forget_connections()

    # Everybody else

    def others_work(self):
        """Sweep and another worker, when every lease has run out: until nothing changes."""
        for _ in range(10):
            before = rows()
            leased = Part.objects.filter(lease_until__isnull=False)
            leased.update(lease_until=Now() - timedelta(seconds=1))
            Run.objects.unfinished().update(created_at=F("created_at") - timedelta(seconds=3))
            recover()
            advance_overdue_runs()
            while perform_next():
                pass
            if rows() == before:
                return
        raise AssertionError("the work never ends")

    # What has come of it

    def requests(self):
        """How many the sandbox has read for each step."""
        read = [entry["body"]["prompt"] for entry in self.sandbox.entries()]
        return [read.count(prompt) for prompt in self.prompts]

    def breaches(self):
        return list(breaches(self.sandbox.log.path))

    def assert_ended(self, end):
        self.run.refresh_from_db()
        parts = list(Part.objects.all())
        assert len(parts) == self.point.steps
        for part in parts:
            self._assert_part(part, end)
        assert self.run.status == end.run
        assert self.requests() == [end.requests] * self.point.steps
        assert self._leftovers() == (0, 0, 0)
        assert self.breaches() == []

    def assert_shown_when_restored(self):
        self._press("restore-workflow")
        for asset in Asset.objects.all():
            step_run = asset.step_run
            address = self.address_of(step_run.step, "step-output")
            assert asset.token in self.page.get(address, {"run": step_run.run_number}).text

    def _assert_part(self, part, end):
        assert part.state == end.part
        assert part.assets.count() == (self.point.images if end.has_images else 0)
        charges = [charge.amount_micro for charge in Charge.objects.filter(part=part)]
        paid = {"": [], "nothing": [0], "price": [part.estimate_micro]}[end.charge]
        assert charges == paid

    def _leftovers(self):
        """Held money, reserved room, and stored bytes that belong to nothing."""
        stored = Asset.objects.aggregate(total=Sum("file_size"))["total"] or 0
        storage = Storage.objects.get(workspace=self.workflow.workspace)
        held = sum(purse.held for purse in Wallet.objects.all())
        return held, storage.reserved, storage.used - stored


def rows():
    """Everything that a worker may write, except when it was last heard of."""
    silent = {"lease_until", "woken_at", "created_at"}
    return {
        model.__name__: {
            row[model._meta.pk.attname]: {
                name: value for name, value in row.items() if name not in silent
            }
            for row in model.objects.values()
        }
        for model in ROWS
    }
