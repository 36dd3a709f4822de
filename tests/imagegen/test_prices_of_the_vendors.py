"""Estimates and charges of xAI and Gemini to the micro-dollar, typed from the vendors' tables, and
all prices beside those of a public table. OpenAI's own table stands in test_estimate.py."""

from datetime import date
from decimal import Decimal

import pytest
from genai_prices import Usage as PublicUsage
from genai_prices import calc_price

from imagegen import catalogue
from imagegen.billing.prices import total_micro
from imagegen.choices import validate
from imagegen.estimate import charge_lines, estimate, our_lines, reserve_bytes, shared_out
from imagegen.providers.contract import Usage

TODAY = date(2026, 11, 22)
MILLION = 1_000_000

# Wire reference 2.4: micro-dollars per image at 1k.
GROK = [
    ("grok-imagine-image", date(2026, 11, 1), 20_000),
    ("grok-imagine-image", TODAY, 20_000),
    ("grok-imagine-image-quality", date(2026, 11, 1), 50_000),
    ("grok-imagine-image-quality", date(2026, 11, 2), 40_000),
    ("grok-imagine-image-quality", TODAY, 40_000),
    ("grok-imagine-image-2.0", TODAY, 40_000),
]
# Wire reference 3.1 and 3.4: micro-dollars per image, and per million tokens of the prompt.
GEMINI = [
    ("gemini-2.5-flash-image", 1290, 38_700, 300_000),
    ("gemini-nano-banana-2.1", 1120, 33_600, 1_500_000),
]
RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]


def asked(model, count=1, **choices):
    provider = catalogue.get(model).provider
    chosen = {"model": model, "image_count": count, "by_provider": {provider: choices}}
    return validate(chosen)


@pytest.mark.parametrize("count", range(1, 11))
@pytest.mark.parametrize(("model", "day", "micro"), GROK)
def test_grok_costs_a_fixed_rate_per_image_and_nothing_for_the_prompt(model, day, micro, count):
    made = estimate(asked(model, count), "a prompt of whatever length", day)
    assert [(line.what, line.units, line.rate) for line in made.lines] == [("images", count, micro)]
    assert made.figure.likely == made.worst_micro == micro * count
    charged = charge_lines(asked(model, count), Usage(), day, prompt="x", images=count)
    assert total_micro(charged) == micro * count


@pytest.mark.parametrize("count", range(1, 11))
@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(("model", "tokens", "micro", "text_rate"), GEMINI)
def test_gemini_costs_the_tokens_of_each_image_and_of_each_prompt(
    model, tokens, micro, text_rate, ratio, count
):
    made = estimate(asked(model, count, image_size=ratio), "p" * 400, TODAY)
    text, images = made.lines
    assert (text.units, text.rate) == (100 * count, text_rate)
    assert (images.units, images.rate) == (tokens * count, 30_000_000)
    assert made.figure.likely == micro * count + 100 * count * text_rate // MILLION


@pytest.mark.parametrize(("model", "tokens", "micro", "text_rate"), GEMINI)
def test_gemini_is_charged_by_the_tokens_of_the_answer(model, tokens, micro, text_rate):
    usage = Usage(text_in=1000, image_out=tokens)
    charged = charge_lines(asked(model), usage, TODAY, prompt="x", images=1)
    assert total_micro(charged) == micro + text_rate // 1000


@pytest.mark.parametrize(
    ("model", "micro"), [("gemini-2.5-flash-image", 2_500), ("gemini-nano-banana-2.1", 7_500)]
)
def test_words_and_thoughts_of_gemini_are_our_cost_and_are_not_charged(model, micro):
    usage = Usage(text_in=10, image_out=1290, text_out=1000)
    charged = charge_lines(asked(model), usage, TODAY, prompt="x")
    assert [line.what for line in charged] == ["text in tokens", "image out tokens"]
    theirs, ours = shared_out(usage, 1, 1)
    assert theirs == usage
    (words,) = our_lines(asked(model), ours, TODAY)
    assert (words.what, words.units) == ("text out tokens", 1000)
    assert total_micro([words]) == micro


# Storage


@pytest.mark.parametrize("count", [1, 10])
@pytest.mark.parametrize("model", [model for model, *_ in GROK])
def test_grok_reserves_the_storage_of_png_files(model, count):
    assert reserve_bytes(asked(model, count)) == count * (1024 * 1024 * 4 + 262_144)


def test_gemini_reserves_the_storage_of_the_pixels_of_the_ratio():
    assert reserve_bytes(asked(GEMINI[0][0], image_size="16:9")) == 1344 * 768 * 5 + 262_144


# The public table

KNOWN = {
    "gpt-image-2": "openai",
    "gpt-image-2.5-flare": "openai",
    "gemini-2.5-flash-image": "google",
    "gemini-nano-banana-2.1": "google",
}


@pytest.mark.parametrize("model", KNOWN)
def test_the_public_table_agrees_on_what_an_answer_costs(model):
    """For OpenAI it has one rate for all output, for Google one of its own for images."""
    public = {"input_tokens": 1000, "output_tokens": 5000}
    if KNOWN[model] == "google":
        public |= {"output_image_tokens": 5000}
    theirs = calc_price(PublicUsage(**public), model, provider_id=KNOWN[model]).total_price
    ours = charge_lines(asked(model), Usage(text_in=1000, image_out=5000), TODAY, prompt="x")
    assert Decimal(total_micro(ours)) / MILLION == theirs


@pytest.mark.parametrize("model", [model for model in KNOWN if KNOWN[model] == "google"])
def test_the_public_table_agrees_on_what_words_cost_us(model):
    usage = Usage(text_in=1000, image_out=1000, text_out=500)
    public = PublicUsage(input_tokens=1000, output_tokens=1500, output_image_tokens=1000)
    theirs = calc_price(public, model, provider_id="google").total_price
    all_lines = [
        *charge_lines(asked(model), usage, TODAY, prompt="x"),
        *our_lines(asked(model), shared_out(usage, 1, 1)[1], TODAY),
    ]
    assert Decimal(total_micro(all_lines)) / MILLION == theirs


def test_the_public_table_knows_no_price_of_grok_images():
    """When it does, this test asks for a comparison."""
    for model in catalogue.models():
        if model.provider == "xai":
            with pytest.raises(LookupError):
                calc_price(PublicUsage(input_tokens=1), model.id, provider_id="x-ai")
