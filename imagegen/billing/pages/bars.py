"""The bars: what each day came to, stacked by model, drawn by the server as SVG."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from imagegen.billing.pages.filters import Filter
from workflows.money import dollars, in_column

LEFT, RIGHT, TOP, BOTTOM = 64, 956, 12, 208
WIDTH, HEIGHT = 960, 236
MOST_SERIES = 5
OTHERS = "other models"
NICE = (10, 12, 16, 20, 30, 40, 50, 60, 80)
LEAST_TOP = 1_000
DATES = 6


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    series: int
    text: str


@dataclass(frozen=True)
class Mark:
    """On an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Day:
    """A row of the table that says the same as the bars."""

    day: date
    amounts: list[str]
    sum: str
    query: str


@dataclass(frozen=True)
class Chart:
    series: list[str]
    bars: list[Bar]
    amounts: list[Mark]
    dates: list[Mark]
    table: list[Day]
    tallest: str
    measure: str

    width, height, left, right, bottom = WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM


def chart_of(filter: Filter) -> Chart:
    by_day = _by_day(filter)
    series = _series(by_day)
    stacks = {day: _stack(by_day.get(day, {}), series) for day in filter.period.each_day}
    tallest = max(map(sum, stacks.values()))
    top = _nice_top(tallest)
    return Chart(
        series,
        bars=_bars(stacks, series, top),
        amounts=_amounts(top),
        dates=_dates(filter.period.each_day),
        table=[_row(filter, day, stack) for day, stack in reversed(stacks.items()) if any(stack)],
        tallest=dollars(tallest),
        measure=_measure(filter)[1],
    )


def _measure(filter: Filter) -> tuple[str, str]:
    """A personal key costs the wallet nothing: its bars are those of the provider's list."""
    if filter.charge_type == "personal":
        return "list_micro", "Personal usage at list price"
    return "charged_micro", "Charged"


def _by_day(filter: Filter) -> dict[date, dict[str, int]]:
    by_day: dict[date, dict[str, int]] = defaultdict(dict)
    sums = filter.days().values_list("day", "model").annotate(micro=Sum(_measure(filter)[0]))
    for day, model, micro in sums:
        if micro > 0:
            by_day[day][model] = micro
    return by_day


def _series(by_day: Mapping[date, Mapping[str, int]]) -> list[str]:
    """The models that came to most, and one for all others."""
    sums: dict[str, int] = defaultdict(int)
    for models in by_day.values():
        for model, micro in models.items():
            sums[model] += micro
    ranked = sorted(sums, key=lambda model: (-sums[model], model))
    return ranked if len(ranked) <= MOST_SERIES + 1 else [*ranked[:MOST_SERIES], OTHERS]


def _stack(models: Mapping[str, int], series: Sequence[str]) -> list[int]:
    """Of one day, by series."""
    stack = [models.get(name, 0) for name in series]
    if series and series[-1] == OTHERS:
        stack[-1] = sum(models.values()) - sum(stack)
    return stack


def _nice_top(tallest: int) -> int:
    """The first round amount that is no less, so that those on the axis are short."""
    power = LEAST_TOP // NICE[0]
    while NICE[-1] * power < tallest:
        power *= 10
    return next(step * power for step in NICE if step * power >= tallest)


def _bars(stacks: Mapping[date, Sequence[int]], series: Sequence[str], top: int) -> list[Bar]:
    slot = (RIGHT - LEFT) / len(stacks)
    width = round(slot * 0.88, 2)
    bars = []
    for number, (day, stack) in enumerate(stacks.items()):
        x, below = round(LEFT + number * slot + slot * 0.06, 2), 0
        for index, micro in enumerate(stack):
            if micro:
                height = micro * (BOTTOM - TOP) / top
                y = BOTTOM - (below + micro) * (BOTTOM - TOP) / top
                text = f"{day:%Y-%m-%d} · {series[index]} · {dollars(micro)}"
                bars.append(Bar(x, round(y, 2), width, round(height, 2), index, text))
                below += micro
    return bars


def _amounts(top: int) -> list[Mark]:
    return [Mark(BOTTOM - (BOTTOM - TOP) * half / 2, _short(top * half // 2)) for half in range(3)]


def _short(micro: int) -> str:
    return dollars(micro).rstrip("0").removesuffix(".")


def _dates(days: Sequence[date]) -> list[Mark]:
    slot = (RIGHT - LEFT) / len(days)
    step = -(-len(days) // DATES)
    return [
        Mark(round(LEFT + (number + 0.5) * slot, 2), f"{day.day} {day:%b}")
        for number, day in enumerate(days)
        if number % step == 0
    ]


def _row(filter: Filter, day: date, stack: Sequence[int]) -> Day:
    query = filter.on(day).query()
    return Day(day, [in_column(micro) for micro in stack], in_column(sum(stack)), query)
