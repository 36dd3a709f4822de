"""The bars: drawn to scale, within their frame, with an axis that can be read."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from imagegen.billing.pages.bars import BOTTOM, LEFT, RIGHT, TOP, chart_of
from imagegen.billing.pages.filters import Filter
from imagegen.billing.pages.periods import Period

NOVEMBER = Filter(Period("days", date(2026, 11, 1), date(2026, 11, 30)))


def test_models_are_stacked_to_scale_within_the_frame(stated):
    stated(micro=30_000)
    stated(micro=10_000, model="grok-imagine-image", provider="xai")
    chart = chart_of(NOVEMBER)
    first, second = chart.bars
    assert chart.series == ["gpt-image-2", "grok-imagine-image"]
    assert first.height == pytest.approx(3 * second.height, abs=0.05)
    assert first.y + first.height == pytest.approx(BOTTOM, abs=0.05)
    assert second.y + second.height == pytest.approx(first.y, abs=0.05)
    assert second.y >= TOP
    assert LEFT < first.x < first.x + first.width < RIGHT


@pytest.mark.parametrize(
    ("micro", "top", "middle"),
    [
        (0, "$0.001", "$0.0005"),
        (7, "$0.001", "$0.0005"),
        (52_700_000, "$60", "$30"),
        (99_000_000, "$100", "$50"),
        (1_150_000_000, "$1,200", "$600"),
    ],
)
def test_the_axis_has_short_round_amounts(stated, micro, top, middle):
    stated(micro=micro)
    texts = [mark.text for mark in chart_of(NOVEMBER).amounts]
    assert texts == ["$0", middle, top]


def test_dates_keep_their_distance_and_an_empty_period_is_drawn(db):
    chart = chart_of(NOVEMBER)
    assert chart.bars == chart.table == []
    assert chart.dates[0].text == "1 Nov"
    assert all(right.at - left.at > 60 for left, right in pairwise(chart.dates))


def test_personal_usage_is_drawn_at_list_price(stated):
    stated(charge_type="personal", amounts={"charged_micro": 0, "list_micro": 52_900})
    assert chart_of(NOVEMBER).bars == []
    chart = chart_of(replace(NOVEMBER, charge_type="personal"))
    assert chart.measure == "Personal usage at list price"
    assert chart.tallest == "$0.0529"
