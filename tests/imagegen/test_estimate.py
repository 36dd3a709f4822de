from datetime import date

import pytest

from imagegen.billing.prices import total_micro
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
    assert made.total_micro == micro * count + 10
    assert not made.rough


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


def test_the_successor_is_estimated_at_twice_as_much_and_called_rough():
    made = estimate(asked(model="gpt-image-2.5-flare"), "1234", TODAY)
    assert (made.lines[1].units, made.total_micro, made.rough) == (3512, 105_365, True)


def test_a_text_token_is_estimated_at_four_characters_and_held_at_one_byte_and_64_more():
    made = estimate(asked(), "äöü€😀", TODAY)
    assert made.lines[0].units == 2
    assert made.total_micro == 52_680 + 2 * 5
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
