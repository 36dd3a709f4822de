"""The estimate where people read it: in the card, on the button, and beside what a run cost."""

import re

import pytest

from imagegen.models import Part

PROMPT = "x" * 120


def texts(html, *marks):
    """What is read between a mark and the next </section>, </button> or the like."""
    cut = html.split(marks[0], 1)[1].split(marks[1], 1)[0]
    return " ".join(re.sub("<[^>]*>", " ", cut).split())


def card(html):
    return texts(html, 'id="estimate-title">', "</section>")


def button(html):
    return texts(html, 'id="run-button"', "</button>").rsplit(">", 1)[-1].strip()


def test_the_figure_follows_the_form_in_the_card_and_on_the_button(image_step, change):
    html = change(image_step, prompt=PROMPT, image_quality="medium").text
    assert button(html) == "Run ≈ $0.0528"
    assert "Total ≈ $0.0528" in card(html)
    assert "Range" not in card(html)
    html = change(image_step, image_quality="auto").text
    assert button(html) == "Run ≈ $0.0060\u20130.2109"
    assert "Total ≈ $0.2109 Range $0.0060\u20130.2109" in card(html)
    assert "Range: the model picks the quality. The lines take the dearest." in card(html)


@pytest.mark.parametrize(
    ("model", "figure"),
    [
        ("grok-imagine-image", "$0.0600"),
        ("grok-imagine-image-2.0", "$0.1200"),
        ("gemini-2.5-flash-image", "≈ $0.1161"),
        ("gemini-nano-banana-2.1", "≈ $0.1008"),
        ("gpt-image-2.5-flare", "≈ $0.0177\u20130.0353"),
    ],
)
def test_one_figure_is_shown_where_nothing_is_left_to_the_model(model, figure, image_step, change):
    html = change(image_step, prompt="A jar", model=model, image_count="3").text
    assert button(html) == f"Run {figure}"
    assert ("Range" in card(html)) == ("\u2013" in figure)


def test_settings_that_are_not_valid_have_no_figure(image_step, change):
    html = change(image_step, image_count="11").text
    assert button(html) == "Run"
    assert "Shown as soon as the settings are valid." in card(html)


def test_the_range_of_the_day_stands_beside_what_the_run_cost(
    image_step, press_run, let_the_hive_work, page, address_of
):
    press_run(image_step, image_quality="auto", prompt="A jar")
    let_the_hive_work()
    part = Part.objects.get()
    assert (part.estimate_low_micro, part.estimate_high_micro) == (5_890, 210_730)
    address = address_of(image_step, "step-output")
    cost = texts(page.get(address).text, 'id="cost-title"', "</section>")
    assert "Charged $0.0527 Estimated $0.2107" in cost
    assert "Range of the estimate $0.0059\u20130.2107" in cost
    Part.objects.update(estimate_low_micro=None, estimate_high_micro=None)
    cost = texts(page.get(address).text, 'id="cost-title"', "</section>")
    assert "Estimated $0.2107" in cost
    assert "Range" not in cost
