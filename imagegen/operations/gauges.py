"""What the page shows: a figure, what it means, and whether somebody has to do something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.urls import reverse

from imagegen.attempts.models import Part
from imagegen.errors import Fault
from imagegen.operations.standing import OpenParts, Standing
from imagegen.outcomes import Outcome
from workflows.money import dollars

# Seconds from which somebody should look at it, and from which somebody should act.
WAITING, SILENT, UNSAVED, HELD = (15, 120), (15, 120), (30, 300), (15 * 60, 60 * 60)
UNKNOWN = (1, 20)  # in a day
OVERHEAD = (1_000, 10_000)  # milliseconds of p95
ROUNDS = (15, 60)  # of the sweep that were missed
FREE = (0.10, 0.03)  # of a disk
# Those that whoever started the run cannot mend.
NOT_THEIRS = {fault.code for fault in Fault if fault.alarm or fault.outcome is Outcome.UNKNOWN} | {
    "provider_unavailable"
}
OURS = {"internal_error"}


class Mark(StrEnum):
    OK = "ok"
    LOOK = "look"
    ACT = "act"

    @property
    def words(self) -> str:
        return {"ok": "OK", "look": "Look at it", "act": "Act now"}[self]


@dataclass(frozen=True)
class Gauge:
    id: str
    name: str
    value: str
    mark: Mark
    meaning: str
    details: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    """An address, and what is there."""
    limits: str = ""
    """What decides the mark, in a sentence."""


def gauges(standing: Standing) -> list[Gauge]:
    return [gauge(standing) for gauge in GAUGES]


def worst(shown: list[Gauge]) -> Mark:
    marks = list(Mark)
    return max((gauge.mark for gauge in shown), key=marks.index)


def _queue(now: Standing) -> Gauge:
    number, age = _number(now.of_state(Part.State.DUE)), _age(now, now.due_since)
    return Gauge(
        "queue",
        "Waiting to be sent",
        f"{number:,}",
        _mark(age, WAITING),
        "Requests of accepted runs that no worker has taken. One is taken within a second or two;"
        " longer means that every worker is full, or that none is running.",
        (f"the next in turn waits {_long(age)}",) if now.due_since else (),
        limits=_from(WAITING, "{} s"),
    )


def _in_flight(now: Standing) -> Gauge:
    sending = now.of_state(Part.State.SENDING)
    silent = min((each.silent_since for each in sending if each.silent_since), default=None)
    providers = sorted({each.provider for each in sending})
    by_provider = [
        f"{name}: {_number([each for each in sending if each.provider == name]):,}"
        for name in providers
    ]
    said = [f"a worker has been silent for {_long(_age(now, silent))}"] if silent else []
    return Gauge(
        "in-flight",
        "At the providers",
        f"{_number(sending):,}",
        _mark(_age(now, silent), SILENT),
        "Requests that have left and whose answers are awaited, for minutes if need be. When a"
        " worker goes silent, the sweep finds out what became of its requests.",
        (*by_provider, *said),
        limits=_from(SILENT, "{} s of silence"),
    )


def _unsaved(now: Standing) -> Gauge:
    age = _age(now, now.received_since)
    return Gauge(
        "unsaved",
        "Received, not saved",
        f"{_number(now.of_state(Part.State.RECEIVED)):,}",
        _mark(age, UNSAVED),
        "Answers that lie complete on the disk of a worker while their images are stored, which"
        " takes a second or two. Nothing of them is lost while that disk is there.",
        (f"the oldest came {_long(age)} ago",) if now.received_since else (),
        limits=_from(UNSAVED, "{} s"),
    )


def _unknown(now: Standing) -> Gauge:
    number, real = sum(now.unknown.values()), now.unknown.get(False, 0)
    which = "outcome=unknown" if real or not number else "outcome=unknown&simulated=only"
    return Gauge(
        "unknown",
        "Unknown in 24 hours",
        f"{number:,}",
        _mark(number, UNKNOWN),
        "Requests that left and were never answered completely. Nobody is charged for them and"
        " nothing is sent again; staff settle them when the vendor's invoice is there.",
        (f"{number - real:,} of them simulated",) if number > real else (),
        limits=_from(UNKNOWN, "{}"),
        link=(f"{reverse('imagegen:billing')}?{which}", "Reviews in Billing"),
    )


def _holds(now: Standing) -> Gauge:
    since = min((each.oldest_hold for each in now.open if each.oldest_hold), default=None)
    real = sum(each.held_micro for each in now.open if not each.simulated)
    play = sum(each.held_micro for each in now.open if each.simulated)
    number = sum(each.holds for each in now.open)
    details = [f"{_counted(number, 'hold')}, the oldest {_long(_age(now, since))}"]
    details += [f"{dollars(play)} of it is play money"] if play else []
    return Gauge(
        "holds",
        "Held in wallets",
        dollars(real + play),
        _mark(_age(now, since), HELD),
        "The most that open requests may cost. A hold ends with its request; an old one is a"
        " request that does not end.",
        tuple(details) if number else (),
        limits=_from((HELD[0] // 60, HELD[1] // 60), "{} min"),
    )


def _sweep(now: Standing) -> Gauge:
    ages = [(each.node, _age(now, each.last_round_at)) for each in now.sweeps]
    lag = min((age for _, age in ages), default=None)
    look, act = (rounds * settings.SWEEP_SECONDS for rounds in ROUNDS)
    return Gauge(
        "sweep",
        "Last round of the sweep",
        "never" if lag is None else f"{_long(lag)} ago",
        Mark.ACT if lag is None else _mark(lag, (look, act)),
        "The sweep wakes what was forgotten and settles what dead workers left. It tells of every"
        " fifth round in which nothing failed; one machine with a sweep is enough.",
        tuple(f"{node}: {_long(age)} ago" for node, age in ages),
        limits=_from((look, act), "{:g} s"),
    )


def _workers(now: Standing) -> Gauge:
    is_missed = not now.workers and _age(now, now.due_since) >= WAITING[0]
    return Gauge(
        "workers",
        "Workers at work",
        f"{len(now.workers):,}",
        Mark.ACT if is_missed else Mark.OK,
        "Workers that hold requests at this moment. One that has nothing to do is not seen here, so"
        " none is only wrong while something waits to be sent.",
        tuple(f"{owner}: {number:,}" for owner, number in now.workers.items()),
    )


def _overhead(now: Standing) -> Gauge:
    ours = now.overhead
    return Gauge(
        "overhead",
        "Our time, last hour",
        "none" if ours.p50 is None else f"{ours.p50:,} ms",
        _mark(ours.p95 or 0, OVERHEAD),
        "Half of the requests took us less. It is the time from the click until the images were"
        " stored and booked, less the time at the provider. The mark is for the slowest twentieth.",
        () if ours.p95 is None else (f"95 %: {ours.p95:,} ms", _counted(ours.number, "request")),
        limits=_from(OVERHEAD, "{:,} ms"),
    )


def _failures(now: Standing) -> Gauge:
    codes = set(now.failures)
    mark = Mark.ACT if codes & OURS else Mark.LOOK if codes & NOT_THEIRS else Mark.OK
    return Gauge(
        "failures",
        "Failed in the last hour",
        f"{sum(now.failures.values()):,}",
        mark,
        "Steps that ended with an error, by its code. What people can mend themselves is OK here;"
        " what only a vendor or we can mend is not, and internal_error is our own fault.",
        tuple(f"{code}: {number:,}" for code, number in now.failures.items()),
    )


GAUGES: tuple[Callable[[Standing], Gauge], ...] = (
    _queue, _in_flight, _unsaved, _workers, _sweep, _overhead, _failures, _unknown, _holds,
)  # fmt: skip


def _mark(value: float, limits: tuple[float, float]) -> Mark:
    look, act = limits
    return Mark.ACT if value >= act else Mark.LOOK if value >= look else Mark.OK


def _from(limits: tuple[float, float], unit: str) -> str:
    look, act = map(unit.format, limits)
    return f"Look at it from {look}, act from {act}."


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _number(parts: list[OpenParts]) -> int:
    return sum(each.number for each in parts)


def _age(standing: Standing, since: datetime | None) -> float:
    return max(0.0, (standing.at - since).total_seconds()) if since else 0.0


def _long(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
