"""Every page asks the database as many questions for much as for little."""

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.filling import fill
from imagegen.models import Asset

OF_STEP = (
    "step-settings",
    "step-output",
    "step-variables",
    "step-cards",
    "step-history",
    "newest-runs",
    "against-settings",
)
OF_WORKFLOW = ("edit-inputs", "list-runs")
OF_RUN = ("show-step-run", "show-run", "run-progress")
LIBRARY = ("library", "a search in library", "the largest in library", "library-asset")
OTHERS = ("a search in step-variables", "save-step", "workflow-list")


@pytest.fixture
def answer(page, change, address_of):
    numbers = iter(range(1000))

    def ask(name, step):
        slug, id = step.workspace.slug, step.workflow_id
        if name in OF_STEP:
            return page.get(address_of(step, name))
        if name in OF_WORKFLOW:
            return page.get(reverse(f"workflows:{name}", args=[slug, id]))
        if name == "save-step":
            return change(step, prompt=f"{{{{product}}}}, number {next(numbers)}")
        if name in OF_RUN:
            newest = step.runs.latest("run_number").run_number
            if name == "show-step-run":
                return page.get(address_of(step, name, newest))
            return page.get(reverse(f"workflows:{name}", args=[slug, id, newest]))
        if name == "library-asset":
            newest = Asset.objects.filter(step_run__step=step).latest("pk")
            return page.get(reverse(f"imagegen:{name}", args=[slug, newest.pk]))
        if name in LIBRARY:
            asked = {
                "a search in library": {"q": "bottle"},
                "the largest in library": {"sort": "size"},
            }
            return page.get(reverse("imagegen:library", args=[slug]), asked.get(name))
        if name == "workflow-list":
            return page.get(reverse("workflows:workflow-list", args=[slug]))
        return page.get(address_of(step, "step-variables"), {"q": "file_url"})

    return ask


@pytest.mark.parametrize("name", [*OF_STEP, *OF_WORKFLOW, *OF_RUN, *LIBRARY, *OTHERS])
def test_the_number_of_queries_does_not_grow(name, answer, workspace, author):
    few = fill(workspace, author, steps=2, runs=1, images=[1])
    Asset.objects.last().delete()
    answer(name, few.steps.last())
    with CaptureQueriesContext(connection) as for_few:
        assert answer(name, few.steps.last()).status_code == 200
    many = fill(workspace, author, steps=8, runs=30, images=[2])
    for step in many.steps.all():
        many.steps.filter(pk=step.pk).update(used_run=step.runs.first())
    with CaptureQueriesContext(connection) as for_many:
        assert answer(name, many.steps.last()).status_code == 200
    assert [query["sql"][:24] for query in for_many] == [query["sql"][:24] for query in for_few]


@pytest.fixture
def poll(image_step, press_run):
    """What the page of a run that has just been started asks every second."""
    started = press_run(image_step).text
    address = html.unescape(re.search(r'hx-get="([^"]+/runs/watch[^"]+)"', started)[1])
    seen = re.search(r'name="seen"\s+value="([^"]+)"', started)[1]
    return f"{address}&seen={seen}"


def test_a_poll_that_finds_nothing_new_costs_one_query(
    image_step, poll, page, browser_of, stranger, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert page.get(poll).status_code == 204
    # What it finds is told to whoever is signed in, and to nobody by the address alone.
    assert Client().get(poll).status_code == 401
    assert browser_of(stranger).get(poll).status_code == 404
    image_step.runs.get().run.touch()
    assert page.get(poll)["HX-Trigger"] == "run-changed"


def test_a_member_who_was_removed_hears_nothing_more(poll, page, author):
    author.memberships.all().delete()
    assert page.get(poll).status_code == 404
