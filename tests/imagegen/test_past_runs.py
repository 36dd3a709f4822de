"""What the workspace's own runs say beside the estimate."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from benchmarks.filling import fill
from imagegen.choices import validate
from imagegen.models import Charge, Part
from imagegen.past_runs import PastRuns, past_runs
from workflows.models import StepRun


def told(costs, estimates, **facts):
    facts = {"simulated": False, "is_personal": False} | facts
    return PastRuns(costs, estimates, (36.0, 41.0, 49.0), **facts).text


@pytest.mark.parametrize(
    ("costs", "estimates", "text"),
    [
        ((83_100, 84_000, 84_200), (85_400, 85_500, 85_426), "$0.0831\u20130.0842 and took"),
        ((83_100, 84_000, 84_200), (85_400, 85_500, 85_426), "The estimates were 2 % high."),
        ((50_000, 50_000, 50_000), (40_000, 40_000, 40_000), "The estimates were 20 % low."),
        ((20_000, 20_000, 20_000), (20_000, 20_000, 20_000), "cost $0.0200 and"),
        ((20_000, 20_000, 20_000), (20_000, 20_010, 20_000), "were right to the percent."),
    ],
)
def test_cost_time_and_error_are_said_in_two_sentences(costs, estimates, text):
    assert text in told(costs, estimates)
    assert "took 35\u201345 s. The" in told(costs, estimates)


def test_runs_that_cost_nothing_say_nothing_of_estimates():
    assert told((0, 0, 0), (0, 0, 0)).endswith("cost $0.00 and took 35\u201345 s.")


def test_play_money_and_list_prices_are_called_so():
    same = (50_000, 50_000, 50_000)
    assert told(same, same, simulated=True).startswith("Your last 3 simulated runs like this cost")
    assert "$0.0500 at list price and took" in told(same, same, is_personal=True)


@pytest.fixture
def past_of(workspace):
    def ask(step):
        step.refresh_from_db()
        return past_runs(workspace.pk, validate(step.settings), step.settings["charge_type"])

    return ask


@pytest.fixture
def run_times(press_run, let_the_hive_work):
    def run(step, times, **changes):
        for _ in range(times):
            press_run(step, **changes)
            let_the_hive_work()

    return run


def test_it_takes_three_runs_and_one_question(
    image_step, run_times, past_of, django_assert_num_queries
):
    run_times(image_step, 2)
    assert past_of(image_step) is None
    run_times(image_step, 1)
    image_step.refresh_from_db()
    config = validate(image_step.settings)
    with django_assert_num_queries(1):
        past = past_runs(image_step.workspace_id, config, "hosted")
    assert past.costs == tuple(Charge.objects.values_list("amount_micro", flat=True))
    assert past.estimates == tuple(Part.objects.values_list("estimate_micro", flat=True))
    assert past.simulated


@pytest.mark.parametrize(
    "other", [{"image_count": "2"}, {"image_quality": "medium"}, {"image_size": "1536x1024"}]
)
def test_other_counts_sizes_and_qualities_do_not_count(
    other, image_step, run_times, past_of, change
):
    run_times(image_step, 3)
    change(image_step, **other)
    assert past_of(image_step) is None


def test_what_does_not_change_the_cost_does_not_matter(image_step, run_times, past_of, change):
    run_times(image_step, 3)
    change(image_step, image_output_format="png", prompt="A jar", image_background="opaque")
    assert len(past_of(image_step).costs) == 3


def test_runs_of_several_requests_are_added_up_and_those_with_gaps_left_out(
    workflow, step_of, run_times, past_of
):
    step = step_of(workflow, "A jar", model="gemini-2.5-flash-image", image_count=3)
    run_times(step, 3)
    gap = "A jar [[sandbox:fewer_images drop=1 times=2]]"
    run_times(step, 1, prompt=gap)
    past = past_of(step)
    assert len(past.costs) == 3
    assert len(set(past.costs)) == 1
    assert past.costs[0] == sum(part.charge.amount_micro for part in step.runs.first().parts.all())


def test_failures_personal_runs_older_prices_and_other_workspaces_do_not_count(
    image_step, run_times, past_of, stranger
):
    run_times(image_step, 3)
    run_times(image_step, 1, prompt="A jar [[sandbox:moderation_input]]")
    run_times(image_step, 1, prompt="A jar")
    assert len(past_of(image_step).costs) == 4
    image_step.refresh_from_db()
    config = validate(image_step.settings)
    assert past_runs(image_step.workspace_id, config, "personal") is None
    elsewhere = stranger.memberships.get().workspace_id
    assert past_runs(elsewhere, config, "hosted") is None
    StepRun.objects.update(started_at=F("started_at") - timedelta(days=4000))
    assert past_of(image_step) is None


@pytest.mark.cooked_books
def test_simulated_and_real_runs_never_stand_side_by_side(image_step, run_times, past_of, settings):
    run_times(image_step, 3)
    settings.PROVIDER_ROUTES = {
        name: route | {"key": "sk-0123456789LIVE"}
        for name, route in settings.PROVIDER_ROUTES.items()
    }
    assert past_of(image_step) is None
    Part.objects.update(simulated=False)
    assert not past_of(image_step).simulated


@pytest.mark.cooked_books
def test_only_so_many_rows_are_looked_at_however_many_there_are(
    sandbox, workspace, author, past_of
):
    workflow = fill(workspace, author, steps=1, runs=30, images=[2])
    with CaptureQueriesContext(connection) as asked:
        assert len(past_of(workflow.steps.get()).costs) == 20
    question = asked[-1]["sql"]
    assert "LIMIT 200" in question
    assert question.endswith("LIMIT 20")


def test_the_card_says_it_and_every_redraw_asks_once(image_step, run_times, change, page):
    run_times(image_step, 3)
    assert "Your last 3 simulated runs like this cost" in change(image_step, prompt="A jar").text
    with CaptureQueriesContext(connection) as asked:
        html = change(image_step, prompt="A blue jar").text
    assert 'id="past-runs"' in html
    assert sum("imagegen_charge" in query["sql"] for query in asked) == 1
    assert 'id="past-runs"' not in change(image_step, image_count="7").text
    assert 'id="past-runs"' not in change(image_step, image_count="11").text
