"""Decides what a request gets: the provider's rules first, then the fault that it asks for."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from imagegen.sandbox.deliveries import Wire
from imagegen.sandbox.fault import EVERY_FAULT, NO_FAULT, Fault, Order
from imagegen.sandbox.faults import FAULTS
from imagegen.sandbox.markers import (
    Arguments,
    Mark,
    MarkerMisused,
    arguments_of,
    latency_in,
    mark_in,
)
from imagegen.sandbox.messages import Answer, Refused, Request

# Drawing more at once would only keep other requests from being read and logged.
DRAWING = threading.Semaphore(os.cpu_count() or 1)


OrderT = TypeVar("OrderT", bound=Order)


class Provider(Protocol[OrderT]):
    """A module that speaks as one vendor."""

    @property
    def NAME(self) -> str: ...

    @property
    def PREFIXES(self) -> tuple[str, ...]:
        """The folders that it answers for."""

    @property
    def FAULTS(self) -> Mapping[str, Fault[OrderT]]: ...

    def key(self, request: Request) -> str: ...

    def read(self, request: Request) -> OrderT | Answer:
        """An order for images, or the answer to something simpler; raises Refused."""

    def misused(self, message: str) -> Answer: ...

    def dressed(self, answer: Answer, request: Request, seconds: float) -> Answer: ...


@dataclass(frozen=True)
class Decision:
    """What will be answered. The status is known before, the answer itself is drawn later."""

    status: int | None
    billed: bool
    fault: str | None
    latency: float
    compose: Callable[[], Answer]
    deliver: Callable[[Wire, Answer], None]


class Memory:
    """How often a request with the same prompt has asked for the same fault."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()

    def times(self, provider: str, prompt: str, mark: Mark) -> int:
        with self._lock:
            self._seen[provider, prompt, mark.text] += 1
            return self._seen[provider, prompt, mark.text]


def decide(
    provider: Provider[OrderT], request: Request, latency: float, memory: Memory
) -> Decision:
    try:
        order = provider.read(request)
        if isinstance(order, Answer):
            return _plain(provider.dressed(order, request, 0))
        asked = latency_in(request.headers)
        mark = mark_in(request.headers, order.prompt)
        fault, arguments = _fault(provider, order, mark, memory)
    except Refused as refused:
        return _plain(provider.dressed(refused.answer, request, 0))
    except MarkerMisused as misuse:
        return _plain(provider.dressed(provider.misused(str(misuse)), request, 0))
    seconds = _latency(arguments, latency if asked is None else asked)
    compose, status = _composer(provider, request, order, fault, arguments, seconds)
    return Decision(
        status=None if fault.silent else status,
        billed=fault.billed,
        fault=None if mark is None or fault is NO_FAULT else mark.text,
        latency=seconds,
        compose=compose,
        deliver=partial(_deliver, fault, arguments),
    )


def _plain(answer: Answer) -> Decision:
    """A refusal, or a list that costs nothing: at once and without a fault."""
    deliver = partial(_deliver, NO_FAULT, {})
    return Decision(answer.status, False, None, 0, lambda: answer, deliver)


def _fault(
    provider: Provider[OrderT], order: OrderT, mark: Mark | None, memory: Memory
) -> tuple[Fault[OrderT], Arguments]:
    if mark is None:
        return NO_FAULT, EVERY_FAULT
    known: Mapping[str, Fault[OrderT]] = {**FAULTS, **provider.FAULTS}
    if mark.name not in known:
        raise MarkerMisused(f"Unknown fault {mark.name!r}. Known: {', '.join(sorted(known))}.")
    fault = known[mark.name]
    arguments = arguments_of(mark, {**EVERY_FAULT, **fault.arguments})
    times = int(arguments["times"])
    if times and memory.times(provider.NAME, order.prompt, mark) > times:
        return NO_FAULT, arguments
    return fault, arguments


def _latency(arguments: Arguments, otherwise: float) -> float:
    asked = float(arguments["latency"])
    return otherwise if asked < 0 else asked


def _composer(
    provider: Provider[OrderT],
    request: Request,
    order: OrderT,
    fault: Fault[OrderT],
    arguments: Arguments,
    seconds: float,
) -> tuple[Callable[[], Answer], int]:
    if fault.edge:
        page = fault.edge(arguments)
        return lambda: page, page.status
    if fault.refusal:
        answer = provider.dressed(fault.refusal(order, arguments), request, seconds)
        return lambda: answer, answer.status

    if fault.silent:
        return lambda: Answer(200), 200

    def compose() -> Answer:
        encode = partial(_encode, fault, arguments)
        with DRAWING:
            served = fault.order(order, arguments)
            files = fault.files(served.files(), arguments)
            answer = served.answer(files, encode, lambda usage: fault.usage(usage, arguments))
            return fault.answer(provider.dressed(answer, request, seconds), arguments)

    return compose, 200


def _encode(fault: Fault[OrderT], arguments: Arguments, file: bytes) -> str:
    return fault.encode(file, arguments)


def _deliver(fault: Fault[OrderT], arguments: Arguments, wire: Wire, answer: Answer) -> None:
    fault.deliver(wire, answer, arguments)
