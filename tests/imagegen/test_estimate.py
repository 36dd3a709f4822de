import itertools
from datetime import date

import pytest
from pydantic import ValidationError

from imagegen import catalogue
from imagegen.billing.prices import total_micro
from imagegen.catalogue.records import Formula
from imagegen.choices import validate
from imagegen.estimate import charge_lines, estimate, reserve_bytes
from imagegen.providers.contract import Usage

TODAY = date(2026, 11, 22)
# Wire reference 1.5: tokens and micro-dollars of one image at low, medium and high.
TABLE = {
    "1024x1024": ((196, 5_880), (1756, 52_680), (7024, 210_720)),
    "1536x1024": ((158, 4_740), (1372, 41_160), (5488, 164_640)),
    "1024x1536": ((158, 4_740), (1372, 41_160), (5488, 164_640)),
    "1536x864": ((120, 3_600), (1078, 32_340), (4312, 129_360)),
    "1792x1024": ((139, 4_170), (1243, 37_290), (5063, 151_890)),
    "2048x1152": ((157, 4_710), (1413, 42_390), (5650, 169_500)),
    "2048x2048": ((397, 11_910), (3568, 107_040), (14272, 428_160)),
    "2560x1440": ((205, 6_150), (1843, 55_290), (7370, 221_100)),
    "3840x2160": ((371, 11_130), (3336, 100_080), (13342, 400_260)),
    "2160x3840": ((371, 11_130), (3336, 100_080), (13342, 400_260)),
    "2880x2880": ((659, 19_770), (5930, 177_900), (23719, 711_570)),
}
ROWS = [
    (size, quality, tokens, micro)
    for size, row in TABLE.items()
    for quality, (tokens, micro) in zip(("low", "medium", "high"), row, strict=True)
]


def asked(model="gpt-image-2", count=1, **choices):
    return validate({"model": model, "image_count": count, "by_provider": {"openai": choices}})


@pytest.mark.parametrize("count", range(1, 11))
@pytest.mark.parametrize(("size", "quality", "tokens", "micro"), ROWS)
def test_the_estimate_is_that_of_the_table(size, quality, tokens, micro, count):
    made = estimate(asked(image_size=size, image_quality=quality, count=count), "12345678", TODAY)
    text, images = made.lines
    assert (text.units, images.units) == (2, tokens * count)
    assert made.figure.likely == micro * count + 10
    assert not made.figure.is_range
    assert made.left_open == ()


@pytest.mark.parametrize(
    ("size", "quality", "tokens"),
    [
        ("auto", "auto", 7024),
        ("auto", "low", 196),
        ("1536x1024", "auto", 5488),
        ("2048x2048", "auto", 14272),
    ],
)
def test_auto_is_taken_for_high_at_1024x1024(size, quality, tokens):
    made = estimate(asked(image_size=size, image_quality=quality), "x", TODAY)
    assert made.lines[1].units == tokens


@pytest.mark.parametrize(
    ("choices", "low", "high", "left_open"),
    [
        ({"image_quality": "auto"}, 196, 7024, "the model picks the quality"),
        ({"image_quality": "auto", "image_size": "2048x2048"}, 397, 14272, "the model picks the"),
        ({"image_size": "auto", "image_quality": "high"}, 5488, 7024, "the model picks the size"),
        (
            {"image_size": "auto", "image_quality": "auto"},
            158,
            7024,
            "the model picks the size and the quality",
        ),
    ],
)
@pytest.mark.parametrize("count", [1, 10])
def test_where_the_model_picks_the_estimate_is_a_range(choices, low, high, left_open, count):
    made = estimate(asked(count=count, **choices), "1234", TODAY)
    assert (made.figure.low, made.figure.high) == (low * count * 30 + 5, high * count * 30 + 5)
    assert made.left_open[0].startswith(left_open)
    assert made.counts_the_dearest


def test_a_rough_estimate_of_what_the_model_picks_says_both():
    made = estimate(asked(model="gpt-image-2.5-flare", image_quality="auto"), "1234", TODAY)
    assert (made.figure.low, made.figure.high) == (196 * 30 + 5, 2 * 7024 * 30 + 5)
    assert len(made.left_open) == 2


@pytest.mark.parametrize("model", [model.id for model in catalogue.models()])
@pytest.mark.parametrize("prompt", ["", "x", "é" * 5000])
def test_the_range_holds_the_total_and_stays_within_what_is_held(model, prompt):
    record = catalogue.get(model)
    offered = [
        [(name, value) for value in setting.values]
        for name, setting in record.settings.items()
        if name in ("image_size", "image_quality")
    ]
    for choices in itertools.product(*offered):
        chosen = {record.provider: dict(choices)}
        made = estimate(validate({"model": model, "by_provider": chosen}), prompt, TODAY)
        figure = made.figure
        assert figure.low <= figure.likely <= figure.high <= made.worst_micro
        assert figure.is_range == bool(made.left_open)


def test_what_a_record_lets_the_model_pick_never_lifts_the_range_above_the_hold(monkeypatch):
    record = catalogue.get("gpt-image-2")
    rule = record.estimate.model_copy(update={"auto_sizes": ("1024x1024", "3840x2160")})
    dearer = record.model_copy(update={"estimate": rule})
    monkeypatch.setitem(catalogue._by_id(), "gpt-image-2", dearer)
    made = estimate(asked(image_size="auto", image_quality="high"), "1234", TODAY)
    assert made.figure.high == made.worst_micro > made.figure.likely
    assert not made.counts_the_dearest


@pytest.mark.parametrize(
    "wrong",
    [{"auto_size": "1x1"}, {"auto_qualities": ("high", "best")}, {"least_multiplier": 3}],
)
def test_a_record_whose_range_makes_no_sense_is_refused(wrong):
    good = catalogue.get("gpt-image-2").estimate.model_dump()
    with pytest.raises(ValidationError):
        Formula(**(good | wrong))


def test_the_successor_is_estimated_at_twice_as_much_and_called_rough():
    made = estimate(asked(model="gpt-image-2.5-flare"), "1234", TODAY)
    assert (made.lines[1].units, made.figure.likely) == (3512, 105_365)
    assert made.left_open == ("the vendor publishes no formula for this model",)
    assert made.figure.text == "≈ $0.0527\u20130.1054"


def test_a_text_token_is_estimated_at_four_characters_and_held_at_one_byte_and_64_more():
    made = estimate(asked(), "äöü€😀", TODAY)
    assert made.lines[0].units == 2
    assert made.figure.likely == 52_680 + 2 * 5
    assert made.worst_micro == 52_680 + (13 + 64) * 5


def test_a_prompt_with_half_a_character_can_be_estimated():
    assert estimate(asked(), "\ud800", TODAY).worst_micro == 52_680 + (3 + 64) * 5


def test_the_charge_follows_the_usage_and_not_the_request():
    usage = Usage(text_in=50, image_out=7024)
    lines = charge_lines(asked(image_quality="low", count=10), usage, TODAY, prompt="x", images=1)
    assert total_micro(lines) == 210_970


def test_without_a_usage_the_images_that_came_cost_what_was_estimated_for_them():
    whole = charge_lines(asked(count=4), None, TODAY, prompt="1234")
    assert total_micro(whole) == 4 * 52_680 + 5
    fewer = charge_lines(asked(count=4), None, TODAY, prompt="1234", images=3)
    assert total_micro(fewer) == 3 * 52_680 + 5


@pytest.mark.parametrize(
    ("choices", "count", "size"),
    [
        ({"image_size": "1024x1024"}, 1, 1024 * 1024 * 4 + 262_144),
        ({"image_size": "3840x2160"}, 10, 10 * (3840 * 2160 * 4 + 262_144)),
        ({"image_size": "1536x864", "image_output_format": "jpeg"}, 1, 1536 * 864 * 5 + 262_144),
        ({"image_size": "auto", "image_output_format": "webp"}, 2, 2 * (3_686_400 * 4 + 262_144)),
    ],
)
def test_the_storage_of_the_worst_case_is_reserved(choices, count, size):
    assert reserve_bytes(asked(count=count, **choices)) == size
