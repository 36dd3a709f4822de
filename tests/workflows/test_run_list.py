"""The runs of a workflow: all of them, newest first, by filters, page by page."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from workflows.models import Run, StepRun
from workflows.runs.start import FROZEN


@pytest.fixture
def address(workflow):
    return reverse("workflows:list-runs", args=[workflow.workspace.slug, workflow.pk])


@pytest.fixture
def listed(page, address):
    """The numbers of the runs that a page shows."""

    def numbers(**asked):
        return [int(number) for number in re.findall(r"<b>Run (\d+)</b>", get(asked).text)]

    def get(asked):
        return page.get(address, asked)

    return numbers


@pytest.fixture
def many_runs(finished_run):
    """Copies of a finished run, numbered on; every third is one of the whole workflow, and every
    tenth failed."""

    def make(count):
        run = finished_run.run
        first = Run.objects.order_by("number").last().number + 1
        runs = [_copy(run, number) for number in range(first, first + count)]
        Run.objects.bulk_create(runs)
        StepRun.objects.bulk_create(_copied(finished_run, run) for run in runs)

    return make


def _copy(run, number):
    kept = {name: getattr(run, name) for name in ("workspace", "workflow", "snapshot")}
    return Run(
        **kept,
        number=number,
        step=None if number % 3 == 0 else run.step,
        status="failed" if number % 10 == 0 else "succeeded",
        form_key=f"copy-{number}",
        finished_at=now(),
    )


def _copied(step_run, run):
    names = ("workspace", "step", *FROZEN, "status")
    return StepRun(
        run=run, run_number=run.number, **{name: getattr(step_run, name) for name in names}
    )


def test_every_run_says_what_ran_how_it_went_and_what_it_cost(
    finished_run, page, address, step_of, press_run, let_the_hive_work
):
    html = page.get(address).text
    for words in ("Run 1", "Hero image <code>step_1</code>", "Succeeded", "alice@example.org"):
        assert words in html
    assert "$0.0059 simulated" in html
    assert finished_run.assets.get().thumbnail_path in html
    assert "data-watch" not in html
    press_run(finished_run.step)
    assert "data-watch" in page.get(address).text


def test_runs_are_filtered_and_the_address_says_how(many_runs, listed, page, address):
    many_runs(29)
    whole, failed = [30, 27, 24, 21, 18, 15, 12, 9, 6, 3], [30, 20, 10]
    assert listed(what="workflow") == whole
    assert listed(status="failed") == failed
    assert listed(what="workflow", status="failed") == [30]
    assert listed(what="step") == [number for number in range(29, 0, -1) if number not in whole]
    html = page.get(address, {"what": "workflow", "status": "failed"}).text
    assert '<option value="workflow" selected>' in html
    assert '<option value="failed" selected>' in html


def test_filters_that_mean_nothing_filter_nothing(many_runs, listed):
    many_runs(3)
    assert listed(what="x", status="' OR 1=1") == [4, 3, 2, 1]


def test_pages_hold_fifty_and_lead_to_older_and_newer_ones(many_runs, listed, page, address):
    many_runs(119)
    assert listed() == list(range(120, 70, -1))
    first = page.get(address).text
    assert "?before=71" in first
    assert "Newer runs" not in first
    assert listed(before="71") == list(range(70, 20, -1))
    middle = page.get(address, {"before": "71"}).text
    assert "?after=70" in middle
    assert listed(before="21") == list(range(20, 0, -1))
    assert "Older runs" not in page.get(address, {"before": "21"}).text
    assert listed(after="70") == list(range(120, 70, -1))
    assert listed(after="20") == list(range(70, 20, -1))


def test_paging_keeps_the_filters(many_runs, listed, page, address):
    many_runs(200)
    assert listed(what="workflow")[-1] == 54
    html = page.get(address, {"what": "workflow"}).text
    assert "?what=workflow&amp;before=54" in html
    assert listed(what="workflow", before="54") == list(range(51, 0, -3))


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "9" * 40, "٣"])
@pytest.mark.parametrize("way", ["before", "after"])
def test_a_number_that_means_no_page_shows_the_newest(way, number, many_runs, listed):
    many_runs(2)
    assert listed(**{way: number}) == [3, 2, 1]


def test_nothing_beyond_the_last_page_leads_back(finished_run, page, address):
    for asked in ({"before": "1"}, {"before": "0"}, {"after": "5"}):
        html = page.get(address, asked).text
        assert "There is no run beyond this point." in html
        assert "Show the newest runs" in html


def test_filters_that_match_nothing_say_so_and_lead_back(finished_run, page, address):
    html = page.get(address, {"status": "cancelled"}).text
    assert "No run of this workflow matches the filters." in html
    assert "Show all runs" in html


def test_an_empty_list_says_what_will_be_there(workflow, page, address):
    assert "No run yet" in page.get(address).text


def test_the_number_of_questions_does_not_grow_with_the_runs(
    many_runs, page, address, django_assert_num_queries
):
    many_runs(3)
    with CaptureQueriesContext(connection) as few:
        page.get(address)
    assert len(few) <= 12
    many_runs(100)
    with django_assert_num_queries(len(few)):
        page.get(address)


@pytest.mark.parametrize(
    "conditions",
    [{}, {"step": None}, {"status": "failed"}, {"status": "failed", "step__isnull": False}],
)
def test_a_page_is_found_by_an_index_and_nothing_is_sorted(conditions, workflow, many_runs):
    if connection.vendor != "sqlite":
        pytest.skip("a small table is read as a whole there")
    runs = workflow.runs.filter(**conditions, number__lt=100).order_by("-number")[:50]
    plan = runs.explain()
    assert "USING INDEX" in plan
    assert "number<?" in plan
    assert "TEMP B-TREE" not in plan


def test_the_list_is_linked_from_workflows_editor_and_step(finished_run, page, address_of, address):
    step = finished_run.step
    workflows = reverse("workflows:workflow-list", args=[step.workspace.slug])
    for place in (workflows, address_of(step, "step-settings"), address_of(step, "step-history")):
        assert f'href="{address}"' in page.get(place).text
