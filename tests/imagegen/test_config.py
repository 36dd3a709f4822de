import pytest

from imagegen import catalogue, config
from imagegen.choices import default_settings, mend, validate
from imagegen.config import InvalidSettings, OpenAIConfig, Problem


def stored(model="gpt-image-2", count=1, charge_type="hosted", **choices):
    settings = default_settings()
    settings |= {"model": model, "image_count": count, "charge_type": charge_type}
    settings["by_provider"]["openai"] |= choices
    return settings


def problems(settings):
    with pytest.raises(InvalidSettings) as refused:
        validate(settings)
    return refused.value.problems


def test_a_new_step_has_the_defaults_of_the_product():
    assert default_settings() == {
        "model": "gpt-image-2",
        "prompt": "",
        "image_count": 1,
        "charge_type": "hosted",
        "by_provider": {
            "openai": {
                "image_size": "1024x1024",
                "image_quality": "medium",
                "image_background": "auto",
                "image_moderation": "auto",
                "image_output_format": "png",
                "image_output_compression": 100,
            }
        },
    }


def test_the_settings_of_a_new_step_are_valid():
    assert validate(default_settings()) == OpenAIConfig(
        model="gpt-image-2",
        image_count=1,
        image_size="1024x1024",
        image_quality="medium",
        image_background="auto",
        image_moderation="auto",
        image_output_format="png",
        image_output_compression=None,
    )


def test_what_is_missing_or_null_has_its_default():
    bare = validate({"model": "gpt-image-2"})
    assert bare == validate(default_settings())
    assert validate(stored(image_quality=None)) == bare
    jpeg = validate(stored(image_output_format="jpeg", image_output_compression=None))
    assert jpeg.image_output_compression == 100


def test_a_config_that_was_stored_can_be_read_again():
    for output_format in ("png", "webp"):
        made = validate(stored(image_output_format=output_format))
        assert OpenAIConfig(**made.model_dump()) == made


def test_the_output_has_every_key_in_the_documented_order():
    made = validate(stored(count=2, image_output_format="jpeg", image_output_compression=70))
    assert list(config.output_settings(made).items()) == [
        ("provider", "openai"),
        ("model", "gpt-image-2"),
        ("image_count", 2),
        ("image_size", "1024x1024"),
        ("image_quality", "medium"),
        ("image_background", "auto"),
        ("image_moderation", "auto"),
        ("image_output_format", "jpeg"),
        ("image_output_compression", 70),
    ]


def test_compression_is_null_with_png_whatever_was_chosen_before():
    made = validate(stored(image_output_format="png", image_output_compression=9999))
    assert config.output_settings(made)["image_output_compression"] is None


def test_transparent_with_jpeg_is_refused():
    assert problems(stored(image_output_format="jpeg", image_background="transparent")) == [
        (
            "image_background",
            "Transparent is not available with JPEG. Choose PNG or WebP in Output Format, or"
            " another Image Background.",
        )
    ]


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_transparent_with_png_or_webp_is_accepted(output_format):
    made = validate(stored(image_output_format=output_format, image_background="transparent"))
    assert made.image_background == "transparent"


def test_an_unknown_model_is_refused():
    sentence = "There is no model “dall-e-3”. Choose one from the list."
    assert problems(stored(model="dall-e-3")) == [("model", sentence)]


@pytest.mark.parametrize("model", [None, "", 7, [], {}, "x" * 10_000])
def test_a_model_that_is_no_name_is_refused_in_the_same_words(model):
    [(field, sentence)] = problems(stored(model=model))
    assert field == "model"
    assert sentence.startswith("There is no model “")
    assert len(sentence) < 120


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (11, "11"), (-1, "-1"), (None, "empty"), ("3", "“3”"), (True, "“True”")],
)
def test_an_impossible_image_count_is_refused(count, shown):
    sentence = (
        f"Image Count is {shown}; gpt-image-2 makes 1 to 10 images per run."
        " Enter a whole number from 1 to 10."
    )
    assert problems(stored(count=count)) == [("image_count", sentence)]


@pytest.mark.parametrize("count", [1, 10])
def test_the_least_and_the_most_images_are_accepted(count):
    assert validate(stored(count=count)).image_count == count


@pytest.mark.parametrize("compression", [-1, 101, "70", 50.5])
def test_an_impossible_compression_is_refused(compression):
    settings = stored(image_output_format="webp", image_output_compression=compression)
    [(field, sentence)] = problems(settings)
    assert field == "image_output_compression"
    assert sentence.startswith("Output Compression is ")
    assert sentence.endswith("gpt-image-2 takes 0 to 100. Enter a whole number from 0 to 100.")


@pytest.mark.parametrize(
    ("key", "label", "offered"),
    [
        ("image_quality", "Image Quality", "auto, low, medium, high"),
        ("image_background", "Image Background", "auto, opaque, transparent"),
        ("image_moderation", "Image Moderation", "auto, low"),
        ("image_output_format", "Output Format", "png, jpeg, webp"),
    ],
)
def test_a_choice_that_is_not_offered_is_answered_with_those_that_are(key, label, offered):
    sentence = f"{label} is “best”; gpt-image-2 offers {offered}. Choose one of them."
    assert problems(stored(**{key: "best"})) == [(key, sentence)]


def test_an_illegal_custom_size_is_refused_and_a_legal_one_kept():
    assert validate(stored(image_size="1536x864")).image_size == "1536x864"
    sentence = "1920x1080 cannot be made: both sides must be multiples of 16. Try 1920x1088."
    assert problems(stored(image_size="1920x1080")) == [("image_size", sentence)]


def test_all_problems_are_told_at_once():
    settings = stored(count=0, charge_type="gift", image_quality="best", image_colour="blue")
    assert [problem.field for problem in problems(settings)] == [
        "charge_type",
        "image_colour",
        "image_count",
        "image_quality",
    ]


def test_an_unknown_setting_is_refused_with_the_known_ones():
    assert problems(stored(image_sise="auto")) == [
        (
            "image_sise",
            "There is no setting “image_sise”. Remove it; gpt-image-2 has image_size,"
            " image_quality, image_background, image_moderation, image_output_format,"
            " image_output_compression.",
        )
    ]


def test_a_charge_type_that_is_not_offered_is_refused():
    sentence = "Charge Type is “gift”. Choose Hosted or Personal for gpt-image-2."
    assert problems(stored(charge_type="gift")) == [("charge_type", sentence)]


@pytest.mark.parametrize("unreadable", [[], "x", None, {"openai": []}, {"openai": None}])
def test_choices_that_are_no_object_are_refused_in_our_words(unreadable):
    [(field, sentence)] = problems(stored() | {"by_provider": unreadable})
    assert field == "by_provider"
    assert "one object per provider" in sentence


def test_choices_kept_for_another_provider_are_not_looked_at():
    settings = stored()
    settings["by_provider"]["gemini"] = {"image_size": "nonsense"}
    assert validate(settings) == validate(stored())


def test_a_config_cannot_be_built_past_the_rules():
    made = validate(stored()).model_dump()
    with pytest.raises(InvalidSettings, match="gpt-image-2 makes 1 to 10 images"):
        OpenAIConfig(**made | {"image_count": 11})


def test_choosing_jpeg_takes_transparent_back_and_says_so():
    settings = stored(image_output_format="jpeg", image_background="transparent")
    mended, notes = mend(settings)
    assert mended == stored(image_output_format="jpeg", image_background="auto")
    assert notes == [
        Problem(
            "image_background",
            "Image Background was changed to Auto: Transparent is not available with JPEG.",
        )
    ]
    assert settings["by_provider"]["openai"]["image_background"] == "transparent"


@pytest.mark.parametrize(
    "chosen",
    [
        stored(),
        stored(image_background="transparent"),
        stored(image_size="1920x1080"),
        stored(model="dall-e-3"),
        {"model": "gpt-image-2"},
        {"model": "gpt-image-2", "by_provider": []},
    ],
)
def test_what_no_other_choice_made_impossible_stays_as_it_is(chosen):
    assert mend(chosen) == (chosen, [])


def test_a_blank_prompt_is_refused():
    sentence = "The prompt is empty. Write in Prompt what the image should show."
    for blank in ("", " \n\t"):
        problem = config.prompt_problem(blank, catalogue.get("gpt-image-2"))
        assert problem == ("prompt_empty", sentence)


def test_a_prompt_may_have_32000_characters_and_no_more():
    model = catalogue.get("gpt-image-2")
    assert config.prompt_problem("x" * 32_000, model) is None
    assert config.prompt_problem("x" * 32_001, model) == (
        "invalid_setting",
        "The prompt is 32,001 characters long; gpt-image-2 takes at most 32,000. Shorten it or"
        " what its references insert.",
    )


@pytest.mark.parametrize(
    ("chosen", "seconds"),
    [
        (stored(), 300),
        (stored(image_quality="low", count=4), 300),
        (stored(image_size="2048x2048"), 300),
        (stored(count=5), 600),
        (stored(image_quality="high"), 600),
        (stored(image_quality="auto"), 600),
        (stored(image_size="auto"), 600),
        (stored(image_size="3840x2160", image_quality="low"), 600),
    ],
)
def test_slow_requests_have_twice_the_time(chosen, seconds):
    assert validate(chosen).deadline_seconds == seconds
