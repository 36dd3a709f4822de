import pytest

from imagegen.billing.prices import Line, lines_for, total_micro
from imagegen.providers.contract import Usage
from workflows.money import dollars, in_column

OPENAI = {"text_in": 5_000_000, "image_in": 8_000_000, "image_out": 30_000_000}


def test_every_kind_of_token_with_a_rate_is_a_line():
    usage = Usage(text_in=50, image_in=7, image_out=1756, text_out=9)
    assert lines_for(OPENAI, usage) == (
        Line("text in tokens", 50, 5_000_000, "1M tokens", 250_000_000),
        Line("image in tokens", 7, 8_000_000, "1M tokens", 56_000_000),
        Line("image out tokens", 1756, 30_000_000, "1M tokens", 52_680_000_000),
    )


def test_images_with_a_rate_each_are_a_line():
    assert lines_for({"image": 40_000}, Usage(text_in=12), images=3) == (
        Line("images", 3, 40_000, "image", 120_000_000_000),
    )


def test_what_was_not_used_is_no_line():
    assert lines_for(OPENAI, Usage()) == ()


@pytest.mark.parametrize(
    ("rates", "usage", "images", "text"),
    [
        (OPENAI, Usage(image_out=1756), 0, "1,756 image out tokens x $30/1M"),
        ({"text_in": 300_000}, Usage(text_in=1), 0, "1 text in token x $0.30/1M"),
        ({"image": 40_000}, Usage(), 4, "4 images x $0.04 each"),
        ({"image": 38_700}, Usage(), 1, "1 image x $0.0387 each"),
        ({"text_out": 2_500_000}, Usage(text_out=20), 0, "20 text out tokens x $2.50/1M"),
    ],
)
def test_a_line_reads_as_units_times_price(rates, usage, images, text):
    [line] = lines_for(rates, usage, images)
    assert line.text == text.replace(" x ", " \N{MULTIPLICATION SIGN} ")


def test_the_sum_is_rounded_up_once():
    tenth = {"text_in": 100_000, "image_in": 100_000}
    assert total_micro(lines_for(tenth, Usage(text_in=1, image_in=1))) == 1
    assert total_micro(lines_for(tenth, Usage(text_in=5, image_in=5))) == 1
    assert total_micro(lines_for(tenth, Usage(text_in=5, image_in=6))) == 2
    assert total_micro(lines_for(OPENAI, Usage(text_in=50, image_out=7024))) == 210_970
    assert total_micro([]) == 0


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (0, "$0.00"),
        (1, "< $0.0001"),
        (99, "< $0.0001"),
        (100, "$0.0001"),
        (5_880, "$0.0059"),
        (52_680, "$0.0527"),
        (210_970, "$0.2110"),
        (80_000, "$0.0800"),
        (999_999, "$1.0000"),
        (1_000_000, "$1.00"),
        (1_000_010, "$1.0000"),
        (25_000_000, "$25.00"),
        (-1_500_000, "-$1.50"),
        (1_234_567_890, "$1,234.5679"),
        (-210_970, "-$0.2110"),
        (-1, "> -$0.0001"),
    ],
)
def test_dollars_have_four_places_or_whole_cents_and_never_turn_something_into_nothing(micro, text):
    assert dollars(micro) == text


@pytest.mark.parametrize(
    ("micro", "text"), [(0, "$0.0000"), (84_000, "$0.0840"), (25_000_000, "$25.0000")]
)
def test_in_a_column_all_amounts_have_four_places(micro, text):
    assert in_column(micro) == text
