from datetime import date

import pytest
from pydantic import ValidationError

from imagegen import catalogue
from imagegen.catalogue.records import ChoiceSetting, Formula, Model, NoPrice


def openai_models():
    return [model for model in catalogue.models() if model.provider == "openai"]


def test_gpt_image_2_comes_first_and_is_the_default():
    assert [model.id for model in openai_models()] == ["gpt-image-2", "gpt-image-2.5-flare"]
    assert catalogue.default_model().id == "gpt-image-2"


def test_the_successor_is_offered_under_more_models():
    assert catalogue.get("gpt-image-2").listed == "main"
    successor = catalogue.get(catalogue.get("gpt-image-2").successor)
    assert (successor.id, successor.listed) == ("gpt-image-2.5-flare", "more")
    assert "rough" in successor.note


def test_every_successor_is_a_model_of_the_catalogue():
    successors = {model.successor for model in catalogue.models()} - {""}
    assert successors <= {model.id for model in catalogue.models()}


def test_an_unknown_model_is_a_key_error_of_its_own():
    with pytest.raises(catalogue.UnknownModel):
        catalogue.get("dall-e-3")


def test_the_version_is_short_and_stays_the_same():
    assert len(catalogue.version()) == 12
    before = catalogue.version()
    catalogue.version.cache_clear()
    assert catalogue.version() == before


def test_the_settings_are_labelled_as_on_the_product_page():
    labels = {key: setting.label for key, setting in catalogue.get("gpt-image-2").settings.items()}
    assert labels == {
        "image_size": "Image Size",
        "image_quality": "Image Quality",
        "image_background": "Image Background",
        "image_moderation": "Image Moderation",
        "image_output_format": "Output Format",
        "image_output_compression": "Output Compression",
    }


def test_the_size_tiles_are_those_of_the_product():
    sizes = catalogue.get("gpt-image-2").settings["image_size"]
    tiles = [(tile.value, tile.label, tile.width, tile.height) for tile in sizes.choices]
    assert tiles == [
        ("auto", "Auto", None, None),
        ("1024x1024", "Square", 1024, 1024),
        ("1536x1024", "Landscape", 1536, 1024),
        ("1024x1536", "Portrait", 1024, 1536),
        ("2048x2048", "Square 2K", 2048, 2048),
        ("2048x1152", "Wide 2K", 2048, 1152),
        ("3840x2160", "4K", 3840, 2160),
        ("2160x3840", "4K tall", 2160, 3840),
    ]


@pytest.mark.parametrize(
    ("key", "values", "default"),
    [
        ("image_quality", ("auto", "low", "medium", "high"), "medium"),
        ("image_background", ("auto", "opaque", "transparent"), "auto"),
        ("image_moderation", ("auto", "low"), "auto"),
        ("image_output_format", ("png", "jpeg", "webp"), "png"),
    ],
)
def test_both_openai_models_offer_the_choices_of_the_product(key, values, default):
    for model in openai_models():
        assert (model.settings[key].values, model.settings[key].default) == (values, default)


def test_what_the_estimate_and_the_storage_need_is_there_for_every_choice():
    for model in openai_models():
        assert isinstance(model.estimate, Formula)
        qualities = set(model.settings["image_quality"].values) - {"auto"}
        assert qualities == set(model.estimate.factors)
        formats = set(model.settings["image_output_format"].values)
        assert formats == set(model.storage.bytes_per_pixel)


def test_a_price_is_dated_and_there_is_none_before_the_first():
    model = catalogue.get("gpt-image-2")
    price = model.price_on(date(2026, 11, 22))
    assert price.valid_from == date(2026, 4, 21)
    assert price.rates == {"text_in": 5_000_000, "image_in": 8_000_000, "image_out": 30_000_000}
    with pytest.raises(NoPrice):
        model.price_on(date(2026, 4, 20))


def test_the_newest_price_that_has_begun_counts():
    model = catalogue.get("gpt-image-2")
    dearer = model.prices[0].model_copy(update={"valid_from": date(2027, 1, 1)})
    changing = model.model_copy(update={"prices": (dearer, *model.prices)})
    assert changing.price_on(date(2026, 12, 31)) is model.prices[0]
    assert changing.price_on(date(2027, 1, 1)) is dearer


def priced(*periods):
    """gpt-image-2 with these periods: first day, and last day where it has one."""
    record = catalogue.get("gpt-image-2").model_dump()
    price = record["prices"][0]
    prices = [price | {"valid_from": first, "valid_until": last} for first, last in periods]
    return Model.model_validate(record | {"prices": tuple(prices)})


JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (6, 7, 8))


def test_a_price_ends_when_the_next_begins_or_on_its_own_last_day():
    periods = priced((JULY, date(2026, 7, 31)), (JUNE, None), (AUGUST, None)).price_periods
    assert [(first, last) for _, first, last in periods] == [
        (JUNE, date(2026, 6, 30)),
        (JULY, date(2026, 7, 31)),
        (AUGUST, None),
    ]


@pytest.mark.parametrize(
    ("periods", "sentence"),
    [
        ((), "gpt-image-2 has no price"),
        (((JUNE, date(2026, 6, 29)), (JULY, None)), "no price after 2026-06-29 until 2026-07-01"),
        (((JUNE, JULY), (JULY, None)), "gpt-image-2 has two prices on 2026-07-01"),
        (((JUNE, None), (JUNE, None)), "no day is left for the price from 2026-06-01"),
        (((JULY, JUNE),), "no day is left for the price from 2026-07-01"),
    ],
)
def test_a_record_with_a_gap_between_prices_or_two_on_a_day_is_refused(periods, sentence):
    with pytest.raises(ValidationError, match=sentence):
        priced(*periods)


def test_after_the_last_day_of_the_last_price_there_is_none():
    ended = priced((JUNE, JULY))
    assert ended.has_price_on(JULY)
    with pytest.raises(NoPrice, match="gpt-image-2 has no price on 2 July 2026"):
        ended.price_on(date(2026, 7, 2))


def test_a_record_with_an_unknown_field_is_refused():
    record = catalogue.get("gpt-image-2").model_dump() | {"colour": "blue"}
    with pytest.raises(ValidationError, match="colour"):
        Model.model_validate(record)


def test_a_default_that_is_not_offered_is_refused():
    with pytest.raises(ValidationError, match="best is not among the choices"):
        ChoiceSetting(
            kind="choice", label="Image Quality", parameter="quality", default="best", choices=()
        )
