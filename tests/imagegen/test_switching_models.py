"""Going from one model to another, and back."""

import re

import pytest

from imagegen.models import Attempt
from tests.conftest import SETTINGS, drawn_form

OPENAI_ONLY = (
    "image_quality",
    "image_background",
    "image_moderation",
    "image_output_format",
    "image_output_compression",
)
GROK = "grok-imagine-image"
GEMINI = "gemini-2.5-flash-image"


def controls(html):
    """The names of the fields that are drawn for the model."""
    form = html.split('id="settings-panel"')[1].split("</form>")[0]
    names = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', form)
    return set(names) - {"drawn_model", "model", "prompt", "failure_policy"}


def tag(html, needle):
    at = html.index(needle)
    return html[html.rindex("<", 0, at) : html.index(">", at) + 1]


@pytest.mark.parametrize(
    ("model", "drawn"),
    [
        ("gpt-image-2", {"image_count", "charge_type", "image_size", *OPENAI_ONLY}),
        ("grok-imagine-image", {"image_count", "charge_type"}),
        ("grok-imagine-image-quality", {"image_count", "charge_type"}),
        ("grok-imagine-image-2.0", {"image_count", "charge_type"}),
        ("gemini-2.5-flash-image", {"image_count", "charge_type", "image_size"}),
        ("gemini-nano-banana-2.1", {"image_count", "charge_type", "image_size"}),
    ],
)
def test_the_form_shows_what_the_model_has_and_nothing_else(model, drawn, image_step, change):
    assert controls(change(image_step, model=model).text) == drawn


def test_going_back_brings_the_choices_back(image_step, change):
    change(image_step, image_size="2048x2048", image_quality="high", image_count="3")
    change(image_step, model=GEMINI)
    change(image_step, image_size="21:9")
    change(image_step, model=GROK)
    html = change(image_step, model="gpt-image-2").text
    for chosen in ("image_size_2048x2048", "image_quality_high", "image_output_format_jpeg"):
        assert "checked" in tag(html, f'id="id_{chosen}"')
    assert 'value="3"' in tag(html, 'id="id_image_count"')
    html = change(image_step, model=GEMINI).text
    assert "checked" in tag(html, 'id="id_image_size_21-9"')


def test_hidden_settings_are_absent_from_the_request_and_from_the_output(
    image_step, change, press_run, let_the_hive_work, sandbox
):
    change(image_step, image_quality="high", image_background="opaque")
    change(image_step, model=GROK)
    press_run(image_step)
    let_the_hive_work()
    (entry,) = sandbox.entries()
    assert set(entry["body"]) == {
        "model", "prompt", "n", "aspect_ratio", "resolution", "response_format",
    }  # fmt: skip
    assert Attempt.objects.get().sent == entry["body"]
    settings = image_step.runs.get().output_for_later_steps["settings"]
    assert list(settings) == ["provider", "model", "image_count"]


def test_a_size_of_openai_does_not_become_a_ratio_of_gemini(image_step, change):
    html = change(image_step, model=GEMINI, image_size="3840x2160").text
    assert "checked" in tag(html, 'id="id_image_size_1-1"')
    image_step.refresh_from_db()
    assert image_step.settings["by_provider"]["openai"]["image_size"] == "3840x2160"


def test_a_custom_size_survives_a_visit_to_another_provider(image_step, change):
    sides = {"custom_width": "1536", "custom_height": "864"}
    change(image_step, image_size="custom", **sides)
    change(image_step, model=GROK)
    html = change(image_step, model="gpt-image-2").text
    assert 'value="1536"' in tag(html, 'name="custom_width"')


# Charge Type


def test_a_personal_step_becomes_hosted_with_gemini_and_says_so(image_step, change):
    change(image_step, charge_type="personal")
    html = change(image_step, model=GEMINI).text
    assert "checked" in tag(html, 'id="id_charge_type_hosted"')
    assert "disabled" in tag(html, 'id="id_charge_type_personal"')
    reason = "gemini-2.5-flash-image is hosted-only in this step."
    assert f"Charge Type was changed to Hosted: {reason}" in html
    image_step.refresh_from_db()
    assert image_step.settings["charge_type"] == "hosted"


def test_a_personal_step_is_personal_again_when_it_comes_back_from_gemini(image_step, change):
    change(image_step, charge_type="personal")
    change(image_step, model=GEMINI)
    change(image_step, image_size="16:9")
    html = change(image_step, model="gpt-image-2").text
    assert "checked" in tag(html, 'id="id_charge_type_personal"')


@pytest.mark.parametrize("visited", [True, False])
def test_whatever_lies_between_a_personal_step_stays_personal_with_the_next_that_offers_it(
    visited, image_step, change, press_run, let_the_hive_work
):
    if visited:
        change(image_step, model=GROK)
        change(image_step, model="gpt-image-2")
    change(image_step, charge_type="personal")
    change(image_step, model=GEMINI)
    press_run(image_step)
    let_the_hive_work()
    change(image_step, model="gemini-nano-banana-2.1")
    html = change(image_step, model=GROK).text
    assert "checked" in tag(html, 'id="id_charge_type_personal"')


def test_what_is_chosen_after_gemini_is_not_undone_by_what_was_before_it(image_step, change):
    change(image_step, charge_type="personal")
    change(image_step, model=GEMINI)
    change(image_step, model="gpt-image-2")
    change(image_step, charge_type="hosted")
    change(image_step, model=GEMINI)
    html = change(image_step, model=GROK).text
    assert "checked" in tag(html, 'id="id_charge_type_hosted"')


def test_hosted_is_not_said_to_be_changed_again_and_again(image_step, change, press_run):
    change(image_step, charge_type="personal")
    change(image_step, model=GEMINI)
    assert "was changed to Hosted" not in change(image_step, image_size="16:9").text
    assert press_run(image_step).status_code == 200


def test_a_run_that_would_change_who_pays_waits_until_that_was_seen(
    image_step, change, press_run, let_the_hive_work, sandbox
):
    change(image_step, charge_type="personal")
    response = press_run(image_step, model=GEMINI)
    assert response.status_code == 422
    assert "Charge Type was changed to Hosted" in response.text
    let_the_hive_work()
    assert sandbox.entries() == []


def test_what_is_chosen_with_one_provider_stays_chosen_with_the_next(
    image_step, change, press_run, let_the_hive_work, sandbox
):
    """Both offer it: what runs is what is on the screen, whoever pays."""
    change(image_step, model=GROK)
    change(image_step, charge_type="personal")
    press_run(image_step, model="gpt-image-2")
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "personal_model_missing_credentials"
    assert sandbox.entries() == []


def test_a_run_that_would_be_personal_again_waits_until_that_was_seen(
    image_step, change, press_run
):
    change(image_step, charge_type="personal")
    change(image_step, model=GEMINI)
    response = press_run(image_step, model=GROK)
    assert response.status_code == 422
    assert "Charge Type is Personal again, as it was before." in response.text


def test_a_refused_save_on_the_way_forgets_nothing(image_step, page, address_of, change):
    change(image_step, charge_type="personal")
    form = drawn_form(image_step)
    refused = change(image_step, model=GEMINI, name="")
    assert refused.status_code == 422
    on_the_screen = {"drawn_model": GEMINI, "charge_type": "hosted", "image_size": "1:1"}
    back = form | on_the_screen | {"model": "gpt-image-2", "name": "Named again"}
    html = page.post(address_of(image_step, "save-step"), back).text
    assert "checked" in tag(html, 'id="id_charge_type_personal"')


def test_another_tab_that_changed_the_provider_is_a_conflict_with_a_choice(
    image_step, page, address_of, change
):
    before = drawn_form(image_step)
    change(image_step, model=GROK)
    save = address_of(image_step, "save-step")
    late = page.post(save, before | {"prompt": "Written in the first tab"})
    assert late.status_code == 409
    assert "Keep mine" in late.text
    for version in (f"<mark>{GROK}</mark>", "<mark>Written in the first tab</mark>"):
        assert version in late.text
    image_step.refresh_from_db()
    mine = before | {"prompt": "Written in the first tab", "version": str(image_step.version)}
    assert page.post(save, mine).status_code == 200


# Rubbish


@pytest.mark.parametrize("size", ["a\x00b", "x" * 1_500_000, "1:1"])
def test_what_is_no_choice_of_the_model_that_is_left_is_not_kept(size, image_step, change):
    assert change(image_step, model=GEMINI, image_size=size).status_code == 200
    image_step.refresh_from_db()
    assert image_step.settings["by_provider"]["openai"]["image_size"] == "1024x1024"


@pytest.mark.parametrize(
    "by_provider", [None, [], "rubbish", {"openai": "x"}, {"xai": "rubbish"}, {"openai": None}]
)
def test_stored_rubbish_is_drawn_with_defaults_and_mended_by_the_next_save(
    by_provider, image_step, change, page, address_of
):
    image_step.settings["by_provider"] = by_provider
    image_step.save()
    for tab in ("step-settings", "step-output"):
        assert page.get(address_of(image_step, tab)).status_code == 200
    form = SETTINGS | {"version": str(image_step.version), "model": GROK}
    assert page.post(address_of(image_step, "save-step"), form).status_code == 200
    image_step.refresh_from_db()
    assert image_step.settings["by_provider"]["openai"]["image_quality"] == "low"


# What the form says of a model


def test_the_form_says_what_grok_does_with_shape_and_format(image_step, change):
    html = change(image_step, model=GROK).text
    assert "Grok images are always square (1:1, 1024×1024) and always stored as PNG." in html


@pytest.mark.parametrize(
    ("model", "unit"), [("gpt-image-2", "token"), (GROK, "image"), (GEMINI, "token")]
)
def test_the_form_says_how_the_model_is_billed(model, unit, image_step, change):
    assert f"Billed per {unit}" in change(image_step, model=model).text


def test_a_redirected_model_is_offered_with_its_note_and_its_successor(
    image_step, change, press_run, let_the_hive_work, sandbox
):
    html = change(image_step, model="grok-imagine-image-quality").text
    assert "grok-imagine-image-quality · xAI · redirected · simulated" in html
    assert "Retired on 2 November 2026: grok-imagine-image-2.0 answers in its place." in html
    assert 'data-choose="id_model" data-value="grok-imagine-image-2.0"' in html
    press_run(image_step)
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert sandbox.entries()[0]["body"]["model"] == "grok-imagine-image-quality"
    assert Attempt.objects.get().returned == {"model": "grok-imagine-image-2.0"}


def test_a_model_that_will_be_retired_is_offered_with_the_day(image_step, change):
    html = change(image_step, model=GEMINI).text
    assert "To be retired on 15 March 2027." in html
    assert 'data-value="gemini-nano-banana-2.1"' in html


def test_a_model_that_is_there_to_stay_has_no_note(image_step, change):
    assert 'id="model-life"' not in change(image_step, model=GROK).text


def test_the_estimate_moves_with_the_model(image_step, change):
    assert "3 images × $0.02 each" in change(image_step, model=GROK, image_count="3").text
    html = change(image_step, model=GEMINI).text
    assert "3,870 image out tokens × $30/1M" in html
    assert "$0.1161" in html
