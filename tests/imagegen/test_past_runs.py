"""What the workspace's own runs say beside the estimate."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from benchmarks.filling import fill
from imagegen.billing.corrections import correct_to
from imagegen.choices import validate
from imagegen.models import Charge, Part
from imagegen.past_runs import PastRun, PastRuns, past_runs
from imagegen.provider_keys.store import store
from workflows.models import StepRun
from workflows.money import Figure


def costs(past):
    return [run.cost for run in past.runs]


SECONDS = (36.0, 41.0, 49.0)


def told(costs, expected, **facts):
    figures = [each if isinstance(each, Figure) else Figure(each, each, each) for each in expected]
    runs = tuple(map(PastRun, costs, figures, SECONDS))
    return PastRuns(runs, **({"simulated": False, "is_personal": False} | facts)).text


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


def test_where_there_was_a_range_it_is_said_how_many_kept_to_it():
    open_to_the_model = [Figure(210_000, 5_000, 210_000)] * 3
    assert "Each was within the range" in told((52_000, 5_000, 210_000), open_to_the_model)
    assert "2 of them were within the range" in told((52_000, 4_999, 60_000), open_to_the_model)


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
    assert costs(past) == list(Charge.objects.values_list("amount_micro", flat=True))
    likely = [run.expected.likely for run in past.runs]
    assert likely == list(Part.objects.values_list("estimate_micro", flat=True))
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
    assert len(past_of(image_step).runs) == 3


@pytest.mark.parametrize("model", ["gpt-image-2", "gemini-2.5-flash-image"])
def test_runs_of_several_images_are_added_up_and_those_with_gaps_left_out(
    model, workflow, step_of, run_times, past_of
):
    step = step_of(workflow, "A jar", model=model, image_count=3)
    run_times(step, 3)
    run_times(step, 1, prompt="A jar [[sandbox:fewer_images drop=1 times=2]]")
    parts = step.runs.first().parts.all()
    whole = sum(part.charge.amount_micro for part in parts)
    assert costs(past_of(step)) == [whole] * 3


def test_what_was_given_back_is_no_cost(image_step, run_times, past_of, author):
    run_times(image_step, 3)
    correct_to(Charge.objects.last(), 1_000, key="c:1", reason="half was blank", by=author)
    assert sorted(costs(past_of(image_step)))[0] == 1_000
    assert len({run.expected.likely for run in past_of(image_step).runs}) == 1


def test_failures_older_prices_and_other_workspaces_do_not_count(
    image_step, run_times, past_of, stranger
):
    run_times(image_step, 3)
    run_times(image_step, 1, prompt="A jar [[sandbox:moderation_input]]")
    run_times(image_step, 1, prompt="A jar")
    assert len(past_of(image_step).runs) == 4
    image_step.refresh_from_db()
    elsewhere = stranger.memberships.get().workspace_id
    assert past_runs(elsewhere, validate(image_step.settings), "hosted") is None
    StepRun.objects.update(started_at=F("started_at") - timedelta(days=4000))
    assert past_of(image_step) is None


def test_personal_and_hosted_runs_are_told_apart(
    vendors, hosted_keys, workspace, author, image_step, run_times
):
    store(workspace, "openai", "sk-personal-0123456789", author)
    run_times(image_step, 3)
    run_times(image_step, 4, charge_type="personal")
    config = validate(image_step.settings)
    hosted, personal = (past_runs(workspace.pk, config, kind) for kind in ("hosted", "personal"))
    paid = Charge.objects.filter(charge_type="hosted").values_list("amount_micro", flat=True)
    listed = Charge.objects.filter(charge_type="personal").values_list("list_micro", flat=True)
    assert (sorted(costs(hosted)), len(hosted.runs)) == (sorted(paid), 3)
    assert (sorted(costs(personal)), len(personal.runs)) == (sorted(listed), 4)


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
        assert len(past_of(workflow.steps.get()).runs) == 20
    question = asked[-1]["sql"]
    assert "LIMIT 200" in question
    assert question.endswith("LIMIT 20")


def test_the_card_says_it_and_every_redraw_asks_once(image_step, run_times, change, page):
    run_times(image_step, 3)
    assert "Your last 3 simulated runs like this cost" in change(image_step, prompt="A jar").text
    with CaptureQueriesContext(connection) as asked:
        html = change(image_step, prompt="A blue jar").text
    assert 'id="past-runs"' in html
    assert sum("imagegen_statementline" in query["sql"] for query in asked) == 1
    assert 'id="past-runs"' not in change(image_step, image_count="7").text
    assert 'id="past-runs"' not in change(image_step, image_count="11").text
