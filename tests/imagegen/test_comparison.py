"""Asked, sent, said, found: every setting of a run, and where they differ."""

import pytest

from imagegen.comparison import comparison
from imagegen.journal import Journal


@pytest.fixture
def compared(run_of):
    """The rows of a run by their labels: (asked, sent, said, found), mark."""

    def rows(model, *prompt, **choices):
        step_run = run_of(model, *prompt, **choices)
        asked = step_run.output_for_later_steps["settings"]
        found = comparison(asked, Journal.of(step_run))
        return {row.label: ((row.asked, row.sent, row.said, row.found), row.mark) for row in found}

    return rows


def test_openai_returns_what_was_asked_and_says_what_it_chose(compared):
    assert compared("gpt-image-2", image_count=2) == {
        "Model": (("gpt-image-2", "gpt-image-2", "", ""), ""),
        "Image Count": (("2", "2", "", "2"), ""),
        "Image Size": (("1024x1024",) * 4, ""),
        "Image Quality": (("low", "low", "low", ""), ""),
        "Image Background": (("auto", "auto", "opaque", ""), "chosen"),
        "Image Moderation": (("auto", "auto", "", ""), ""),
        "Output Format": (("jpeg",) * 4, ""),
        "Output Compression": (("70", "70", "", ""), ""),
    }


def test_a_setting_that_was_not_asked_for_is_neither_shown_nor_sent(compared):
    assert "Output Compression" not in compared("gpt-image-2", image_output_format="png")


def test_what_came_otherwise_than_it_was_asked_for_is_marked(compared):
    rows = compared("gpt-image-2", "A jar [[sandbox:wrong_format]]")
    assert rows["Output Format"] == (("jpeg", "jpeg", "jpeg", "png"), "differs")
    rows = compared("gpt-image-2", "A jar [[sandbox:fewer_images]]", image_count=3)
    assert rows["Image Count"] == (("3", "3", "", "2"), "differs")


def test_a_model_that_another_one_answers_for_is_marked(compared):
    rows = compared("grok-imagine-image-quality")
    asked, served = "grok-imagine-image-quality", "grok-imagine-image-2.0"
    assert rows["Model"] == ((asked, asked, served, ""), "differs")
    assert compared("grok-imagine-image")["Model"][1] == ""


def test_what_nobody_chose_and_is_always_sent_is_shown(compared):
    rows = compared("grok-imagine-image")
    assert rows["aspect_ratio"] == (("", "1:1", "", ""), "")
    assert rows["Dimensions"] == (("", "", "", "1024x1024"), "")
    assert rows["File format"] == (("", "", "", "png"), "")


def test_gemini_is_asked_image_by_image_for_a_ratio(compared):
    rows = compared("gemini-2.5-flash-image", image_size="21:9", image_count=2)
    assert rows["Image Count"] == (("2", "1 in each of 2 requests", "", "2"), "")
    assert rows["Aspect Ratio"] == (("21:9", "21:9", "", "1536x672"), "")


@pytest.fixture
def output_page(page, address_of):
    return lambda step_run: page.get(address_of(step_run.step, "step-output")).text


def test_the_page_shows_the_prompt_as_written_filled_and_revised(run_of, workflow, output_page):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="jar"
    )
    html = output_page(run_of("gpt-image-2", "A {{product}} [[sandbox:revised_prompt]]"))
    shown = html.split('id="compared-title"')[1]
    assert "A {{product}} [[" in shown
    assert "A jar [[" in shown
    assert "rewritten by the provider" in shown


def test_a_difference_is_marked_by_a_word(run_of, output_page):
    html = output_page(run_of("gpt-image-2", "A jar [[sandbox:wrong_format]]"))
    html = html.split('id="compared-title"')[1].split("</section>")[0]
    assert html.count("differs</span>") == 1
    assert html.count("the model chose</span>") == 1


def test_each_attempt_says_when_how_long_and_by_which_id(finished_run, output_page):
    html = output_page(finished_run)
    attempt = finished_run.parts.get().attempts.get()
    assert f"{attempt.started_at:%H:%M:%S} UTC" in html
    assert f"{attempt.seconds:.1f} s" in html
    assert f'data-copy="{attempt.request_id}"' in html
