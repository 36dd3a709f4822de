"""From an empty database to the verdict."""

from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from benchmarks import billing, browser, burst, holds, pages, report
from benchmarks.figures import EMPTY, Figure
from benchmarks.filling import fill
from benchmarks.started import REPOSITORY, started
from fetchhive import database, static_files
from imagegen.assets.models import Asset
from workflows.first_start import ensure_first_workspace
from workflows.models import Step, User

STEPS, RUNS = 20, 200
IMAGES = (1, 1, 1, 2, 1, 2, 2, 10)
"""Of a run, in turn: 10,000 in all, and ten in the newest run of each step."""
LATENCY = 1.0


def measure(folder: Path) -> int:
    """The exit code: 1 when a limit is missed."""
    user, step = _filled()
    figures = pages.measured(user, step)
    database.let_go()
    address = settings.SITE_URL + reverse(
        "workflows:step-settings", args=[step.workspace.slug, step.workflow_id, step.identifier]
    )
    with started(folder, LATENCY):
        figures += browser.measured(address)
    figures += billing.measured(user)
    figures += holds.measured(_empty_seconds(figures))
    figures += burst.measured()
    conditions = report.conditions()
    print(report.plain(figures), conditions, sep="\n\n")
    report.write_into(REPOSITORY / "README.md", figures, conditions)
    return any(figure.verdict == "MISSED" for figure in figures)


def _empty_seconds(figures: list[Figure]) -> float:
    return next((figure.value or 0) / 1000 for figure in figures if figure.what == EMPTY)


def _filled() -> tuple[User, Step]:
    """Somebody who has been at work for a year, and the last of the steps."""
    began = monotonic()
    static_files.collect()
    call_command("migrate", verbosity=0)
    user = ensure_first_workspace()
    workspace = user.memberships.get().workspace
    workflow = fill(workspace, user, steps=STEPS, runs=RUNS, images=IMAGES)
    print(f"Filled in {monotonic() - began:.0f} s: {Asset.objects.count():,} images.", flush=True)
    return user, workflow.steps.latest("position")
