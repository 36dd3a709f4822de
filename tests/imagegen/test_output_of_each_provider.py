"""The output object, word by word as the product describes it."""

import pytest


@pytest.fixture
def output_of(workflow, step_of, press_run, let_the_hive_work):
    def run(model, **choices):
        step = step_of(workflow, model=model, **choices)
        press_run(step)
        let_the_hive_work()
        return step.runs.get().output_for_later_steps

    return run


OPENAI = {
    "image_size": "1024x1024",
    "image_quality": "low",
    "image_background": "auto",
    "image_moderation": "auto",
    "image_output_format": "jpeg",
    "image_output_compression": 70,
}


@pytest.mark.parametrize(
    ("model", "provider", "own"),
    [
        ("gpt-image-2", "openai", OPENAI),
        ("gpt-image-2.5-flare", "openai", OPENAI),
        ("grok-imagine-image", "xai", {}),
        ("grok-imagine-image-quality", "xai", {}),
        ("grok-imagine-image-2.0", "xai", {}),
        ("gemini-2.5-flash-image", "gemini", {"image_size": "1:1"}),
        ("gemini-nano-banana-2.1", "gemini", {"image_size": "1:1"}),
    ],
)
def test_the_settings_are_one_set_of_keys_per_provider(model, provider, own, output_of):
    settings = output_of(model, image_count=2)["settings"]
    expected = {"provider": provider, "model": model, "image_count": 2} | own
    assert settings == expected
    assert list(settings) == list(expected)


def test_compression_is_null_with_png(output_of):
    settings = output_of("gpt-image-2", image_output_format="png")["settings"]
    assert settings["image_output_compression"] is None


@pytest.mark.parametrize(
    ("model", "file_type", "extension", "pixels"),
    [
        ("gpt-image-2", "image/jpeg", "jpeg", (1024, 1024)),
        ("grok-imagine-image", "image/png", "png", (1024, 1024)),
        ("gemini-2.5-flash-image", "image/png", "png", (1024, 1024)),
        ("gemini-nano-banana-2.1", "image/jpeg", "jpeg", (1024, 1024)),
    ],
)
def test_the_assets_say_what_the_files_are(model, file_type, extension, pixels, output_of, client):
    assets = output_of(model, image_count=2)["assets"]
    keys = ["id", "file_url", "file_name", "file_size", "file_type", "width", "height"]
    for number, asset in enumerate(assets, 1):
        assert list(asset) == keys
        assert asset["file_name"] == f"hero-image-r1-{number}.{extension}"
        assert asset["file_type"] == file_type
        assert (asset["width"], asset["height"]) == pixels
        address = asset["file_url"].removeprefix("http://testserver")
        assert len(b"".join(client.get(address).streaming_content)) == asset["file_size"]


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        ("grok-imagine-image", ["provider", "model", "image_count"]),
        ("gemini-2.5-flash-image", ["provider", "model", "image_count", "image_size"]),
    ],
)
def test_a_step_that_failed_under_continue_keeps_the_shape(
    model, keys, workflow, step_of, press_run, let_the_hive_work
):
    step = step_of(workflow, "x [[sandbox:no_images]]", model=model, failure_policy="continue")
    press_run(step)
    let_the_hive_work()
    output = step.runs.get().output_for_later_steps
    assert list(output["settings"]) == keys
    assert output["assets"] == []
    assert output["error"]["error_code"] == "no_image"


@pytest.mark.parametrize("model", ["grok-imagine-image", "gemini-2.5-flash-image"])
def test_the_keys_to_come_are_offered_before_a_first_run(
    model, workflow, step_of, page, address_of
):
    step_of(workflow, model=model)
    html = page.get(address_of(step_of(workflow), "step-variables")).text
    assert 'data-insert-text="{{step_1.output.settings.image_count}}"' in html
    shown = 'data-insert-text="{{step_1.output.settings.image_size}}"' in html
    assert shown == (model == "gemini-2.5-flash-image")
