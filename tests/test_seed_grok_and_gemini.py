"""The public page of the step, sentence by sentence: what it says of Grok and Gemini."""

import pytest

from imagegen.choices import validate
from imagegen.config import InvalidSettings
from imagegen.models import Asset, Charge
from workflows.models import Run

GROK = ("grok-imagine-image-quality", "grok-imagine-image")
GEMINI = "gemini-2.5-flash-image"
OPENAI_OPTIONS = {
    "Image Size",
    "Image Quality",
    "Image Background",
    "Image Moderation",
    "Output Format",
    "Output Compression",
}


def legends(html):
    """The labels of the controls that are drawn."""
    return {piece.split("<")[0].strip() for piece in html.split("<legend>")[1:]}


@pytest.mark.parametrize("model", ["gpt-image-2", *GROK, GEMINI])
def test_supports_openai_xai_grok_imagine_and_hosted_google_gemini(model, run_of, sandbox):
    step_run = run_of(model)
    assert step_run.status == "succeeded"
    assert step_run.output_for_later_steps["settings"]["model"] == model
    (entry,) = sandbox.entries()
    assert model in (entry["body"].get("model") or entry["path"])


@pytest.mark.parametrize("model", [*GROK, GEMINI])
def test_openai_specific_options_are_hidden_when_a_grok_or_gemini_model_is_selected(
    model, image_step, change
):
    assert legends(change(image_step).text) >= OPENAI_OPTIONS
    assert not legends(change(image_step, model=model).text) & OPENAI_OPTIONS


def test_gemini_shows_aspect_ratio_choices_instead_of_openai_size_tiles(image_step, change):
    html = change(image_step, model=GEMINI).text
    assert "Aspect Ratio" in legends(html)
    tiles = html.split('class="tiles"')[1].split("</div>")[0]
    for ratio in ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"):
        assert f'name="image_size" value="{ratio}"' in tiles
    assert 'value="1024x1024"' not in html


@pytest.mark.parametrize(
    ("ratio", "pixels"), [("1:1", (1024, 1024)), ("16:9", (1344, 768)), ("9:16", (768, 1344))]
)
def test_gemini_uses_aspect_ratios_such_as_1_1_16_9_or_9_16(ratio, pixels, run_of, sandbox):
    asset = run_of(GEMINI, image_size=ratio).assets.get()
    assert (asset.width, asset.height) == pixels
    config = sandbox.entries()[0]["body"]["generationConfig"]
    assert config["imageConfig"]["aspectRatio"] == ratio


@pytest.mark.parametrize("model", [*GROK, GEMINI])
def test_image_count_is_the_number_of_images_to_generate(model, run_of):
    assert len(run_of(model, image_count=3).output_for_later_steps["assets"]) == 3


def test_settings_are_the_selected_model_plus_provider_specific_settings_used_for_the_call(
    run_of,
):
    settings = run_of(GEMINI, image_size="21:9", image_count=2).output_for_later_steps["settings"]
    assert settings == {
        "provider": "gemini",
        "model": GEMINI,
        "image_count": 2,
        "image_size": "21:9",
    }


def test_the_exact_settings_keys_depend_on_the_selected_provider(run_of):
    keys = {
        model: list(run_of(model).output_for_later_steps["settings"])
        for model in ("gpt-image-2", "grok-imagine-image", GEMINI)
    }
    shared = ["provider", "model", "image_count"]
    assert keys == {
        "gpt-image-2": [
            *shared,
            "image_size",
            "image_quality",
            "image_background",
            "image_moderation",
            "image_output_format",
            "image_output_compression",
        ],
        "grok-imagine-image": shared,
        GEMINI: [*shared, "image_size"],
    }


def test_gemini_outputs_include_the_selected_aspect_ratio_in_image_size(
    workflow, step_of, run_of, press_run, let_the_hive_work, sandbox
):
    run_of(GEMINI, image_size="16:9")
    press_run(step_of(workflow, "like {{step_1.output.settings.image_size}}"))
    let_the_hive_work()
    assert sandbox.entries()[-1]["body"]["prompt"] == "like 16:9"


@pytest.mark.parametrize("model", GROK)
def test_xai_outputs_include_the_model_provider_and_image_count(model, run_of):
    settings = run_of(model, image_count=2).output_for_later_steps["settings"]
    assert settings == {"provider": "xai", "model": model, "image_count": 2}


@pytest.mark.parametrize("model", GROK)
@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_with_a_grok_imagine_model_images_are_always_png_regardless_of_the_output_format_setting(
    model, output_format, image_step, change, press_run, let_the_hive_work, client
):
    change(image_step, image_output_format=output_format)
    change(image_step, model=model)
    press_run(image_step)
    let_the_hive_work()
    (asset,) = image_step.runs.get().output_for_later_steps["assets"]
    assert asset["file_type"] == "image/png"
    assert asset["file_name"].endswith(".png")
    stored = b"".join(client.get(Asset.objects.get().path).streaming_content)
    assert stored.startswith(b"\x89PNG\r\n")
    assert len(stored) == asset["file_size"]


def test_gemini_image_generation_is_hosted_only_in_this_workflow_step(image_step, change):
    html = change(image_step, model=GEMINI).text
    assert f"{GEMINI} is hosted-only in this step." in html
    personal = html.split('id="id_charge_type_personal"')[1].split(">")[0]
    assert "disabled" in personal


def test_personal_gemini_image_generation_is_not_supported(
    workflow, step_of, press_run, let_the_hive_work, sandbox
):
    """Refused by the form's post and by the check that every start makes, in the same words."""
    step = step_of(workflow, model=GEMINI, charge_type="personal")
    response = press_run(step)
    assert response.status_code == 422
    assert "hosted-only" in response.text
    assert not Run.objects.exists()
    with pytest.raises(InvalidSettings, match=f"{GEMINI} is hosted-only in this step"):
        validate(step.settings)
    let_the_hive_work()
    assert sandbox.entries() == []


@pytest.mark.parametrize(("model", "rate"), [(GROK[0], 40_000), (GROK[1], 20_000)])
def test_xai_grok_imagine_is_billed_at_a_fixed_rate_per_image(model, rate, run_of):
    run_of(model, image_count=3)
    charge = Charge.objects.get()
    (line,) = charge.lines
    assert (line["what"], line["units"], line["rate"], line["unit"]) == ("images", 3, rate, "image")
    assert charge.amount_micro == 3 * rate


def test_gemini_is_billed_from_input_tokens_plus_generated_image_output_tokens(run_of):
    run_of(GEMINI)
    charge = Charge.objects.get()
    lines = [(line["what"], line["units"], line["rate"]) for line in charge.lines]
    prompt_tokens = 8  # 29 characters
    assert lines == [
        ("text in tokens", prompt_tokens, 300_000),
        ("image out tokens", 1290, 30_000_000),
    ]
    assert charge.amount_micro == -(-(prompt_tokens * 300_000 + 1290 * 30_000_000) // 1_000_000)


def test_choose_an_aspect_ratio_set_image_count_then_adjust_the_options_that_are_visible(
    image_step, change, press_run, let_the_hive_work
):
    change(image_step, model=GEMINI)
    change(image_step, image_size="3:4", image_count="2")
    press_run(image_step)
    let_the_hive_work()
    assets = image_step.runs.get().output_for_later_steps["assets"]
    assert [(asset["width"], asset["height"]) for asset in assets] == [(864, 1184)] * 2
