"""How long runs usually take."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from imagegen.durations import runs_alike, usual, usual_of
from imagegen.models import Part
from workflows.runs.advance import advance


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ([35, 41, 44, 47, 52], "40\u201350 s"),
        ([36, 36, 49, 49], "35\u201350 s"),
        ([0.4, 0.5, 0.6], "up to 1 s"),
        ([2.2, 3.1, 4.5], "2\u20134 s"),
        ([3, 3, 3], "3 s"),
        ([130, 150, 170], "2\u20133 min"),
    ],
)
def test_the_middle_half_is_said_as_people_say_it(seconds, text):
    assert usual_of(seconds).text == text


@pytest.fixture
def runs(image_step, press_run, let_the_hive_work):
    """Finished runs that took these seconds, and one that is queued."""

    def make(*seconds, **changes):
        for each in seconds:
            press_run(image_step, **changes)
            let_the_hive_work()
            newest = image_step.runs.order_by("-run__number")[0]
            began = now() - timedelta(hours=1)
            ended = began + timedelta(seconds=each)
            image_step.runs.filter(pk=newest.pk).update(started_at=began, finished_at=ended)
        return image_step.runs.order_by("-run__number")[0]

    return make


def usually(step_run):
    return usual(step_run, step_run.parts.get())


def test_three_runs_that_went_well_tell_it_by_one_question(runs, django_assert_num_queries):
    assert usually(runs(36, 41)) is None
    step_run = runs(49)
    part = step_run.parts.get()
    with django_assert_num_queries(1):
        assert usual(step_run, part).text == "35\u201345 s"


def test_other_counts_other_models_failures_and_real_runs_do_not_count(runs, change):
    step_run = runs(36, 41, 49)
    runs(90, image_count="2")
    runs(1, prompt="A jar [[sandbox:moderation_input]]")
    assert usually(step_run).text == "35\u201345 s"
    part = step_run.parts.get()
    assert usual(step_run, Part(workspace_id=part.workspace_id, model="x", simulated=True)) is None
    part.simulated = False
    assert usual(step_run, part) is None


def test_the_strip_tells_it_while_a_run_is_on(
    runs, image_step, press_run, page, address_of, let_the_hive_work
):
    runs(36, 41, 49)
    press_run(image_step)
    run = image_step.runs.order_by("-run__number")[0].run
    advance(run.pk)
    address = address_of(image_step, "step-output")
    assert "usually 35\u201345 s" in page.get(address).text
    let_the_hive_work()
    assert "usually" not in page.get(address).text


def test_the_newest_runs_are_found_by_an_index(finished_run):
    if connection.vendor != "sqlite":
        pytest.skip("a small table is read as a whole there")
    alike = runs_alike(finished_run, finished_run.parts.get())
    plan = alike.order_by().explain()  # only the few that are found are sorted
    assert "USING INDEX part_by_model_newest (workspace_id=? AND model=?)" in plan
    assert "TEMP B-TREE" not in plan
