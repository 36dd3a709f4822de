"""What has changed in a step since a run of it."""

import pytest

from workflows.changes import Difference, Marked, differences


def changed(step_run):
    step_run.step.refresh_from_db()
    return differences(step_run.step, step_run)


def test_nothing_has_changed_right_after_a_run(finished_run, django_assert_num_queries):
    step = finished_run.step
    with django_assert_num_queries(0):
        assert differences(step, finished_run) == []


def test_every_setting_that_is_different_now_is_named_as_in_the_form(finished_run, change):
    change(finished_run.step, prompt="A red bicycle", image_quality="high", image_count="2")
    assert changed(finished_run) == [
        Difference("Prompt", "A blue insulated water bottle", "A red bicycle"),
        Difference("Image Count", "1", "2"),
        Difference("Image Quality", "low", "high"),
    ]


def test_settings_of_another_provider_come_and_go(finished_run, change):
    change(finished_run.step, model="grok-imagine-image")
    found = {each.label: (each.then, each.now) for each in changed(finished_run)}
    assert found["Model"] == ("gpt-image-2", "grok-imagine-image")
    assert found["Image Size"] == ("1024x1024", "")


def test_a_choice_that_no_run_would_use_does_not_count(run_of, change):
    step_run = run_of("gpt-image-2", image_output_format="png")
    stored = step_run.step.settings
    stored["by_provider"]["openai"]["image_output_compression"] = 10
    stored["by_provider"]["gemini"] = {"image_size": "16:9"}
    step_run.step.save()
    assert changed(step_run) == []


def test_the_failure_policy_counts_and_the_name_does_not(finished_run, change):
    change(finished_run.step, name="Another name", failure_policy="continue")
    assert changed(finished_run) == [
        Difference("When the step fails", "Terminate Workflow", "Continue")
    ]


def test_the_newest_run_says_what_has_changed_since_it(
    finished_run, change, press_run, let_the_hive_work, page, address_of
):
    step = finished_run.step
    assert "Made with earlier settings" not in page.get(address_of(step, "step-output")).text
    change(step, prompt="A red bicycle")
    html = page.get(address_of(step, "against-settings")).text
    assert "Made with earlier settings" in html
    assert "show 1 difference<" in html
    assert "A red bicycle" in html
    assert html.count("A blue insulated water bottle") == 1
    press_run(step)
    let_the_hive_work()
    assert "Made with earlier settings" not in page.get(address_of(step, "step-output")).text
    older = page.get(address_of(step, "step-output") + "?run=1").text
    assert "Made with earlier settings" not in older


@pytest.mark.parametrize(
    ("choices", "places", "shape"),
    [
        ({"image_count": 4}, 4, 'viewBox="0 0 1024 1024"'),
        ({"image_size": "1536x1024"}, 1, 'viewBox="0 0 1536 1024"'),
        ({"model": "gemini-2.5-flash-image", "image_size": "9:16"}, 1, 'viewBox="0 0 768 1344"'),
        ({"model": "grok-imagine-image", "image_count": 2}, 2, 'viewBox="0 0 1 1"'),
    ],
)
def test_before_a_first_run_its_images_are_sketched_in_their_number_and_shape(
    choices, places, shape, workflow, step_of, page, address_of
):
    step = step_of(workflow, **choices)
    for name in ("step-output", "against-settings"):
        html = page.get(address_of(step, name)).text
        assert "Not run yet" in html
        assert html.count('class="slot-shape"') == places
        assert shape in html
        assert "&quot;file_url&quot;: null" in html


def test_a_run_that_is_not_there_leads_to_the_newest(finished_run, page, address_of):
    html = page.get(address_of(finished_run.step, "step-output") + "?run=99").text
    assert 'data-run="1"' in html


def test_short_values_differ_as_a_whole():
    then, now = Difference("Model", "gpt-image-2", "gpt-image-2.5-flare").marked
    assert (then, now) == (Marked("", "gpt-image-2", ""), Marked("", "gpt-image-2.5-flare", ""))


def test_of_a_long_text_only_what_differs_is_marked_with_a_little_around_it():
    start, end = "a" * 100, "z" * 100
    then, now = Difference("Prompt", f"{start}blue{end}", f"{start}{end}").marked
    assert then == Marked("…" + "a" * 60, "blue", "z" * 60 + "…")
    assert now == Marked("…" + "a" * 60, "", "z" * 60 + "…")


def test_a_long_stretch_that_differs_is_cut():
    then, _ = Difference("Prompt", "x" * 32_000, "").marked
    assert len(then.differs) == 401
