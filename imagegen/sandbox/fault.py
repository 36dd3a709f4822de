"""What a fault is: the places where it may change the way of an answer to the client."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from imagegen.sandbox import deliveries
from imagegen.sandbox.markers import Argument, Arguments
from imagegen.sandbox.messages import Answer

Encode = Callable[[bytes], str]
ChangeUsage = Callable[[Any], Any]
Delivery = Callable[[deliveries.Wire, Answer, Arguments], None]

# `times=1`: only the first such request meets the fault; `id` keeps equal prompts apart for that.
EVERY_FAULT: Mapping[str, Argument] = {"latency": -1.0, "times": 0, "id": ""}


class Order(Protocol):
    """A request that a provider accepted."""

    @property
    def prompt(self) -> str: ...

    @property
    def model(self) -> str: ...

    def files(self) -> list[bytes]: ...

    def answer(self, files: list[bytes], encode: Encode, usage: ChangeUsage) -> Answer: ...


OrderT_contra = TypeVar("OrderT_contra", bound=Order, contravariant=True)


def _same_order(order: Order, arguments: Arguments) -> Order:
    return order


def _same_files(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return files


@lru_cache(maxsize=4)
def _text_of(file: bytes) -> str:
    """The same picture is sent to many: a burst shall measure its client."""
    return base64.b64encode(file).decode()


def _base64(file: bytes, arguments: Arguments) -> str:
    return _text_of(file)


def _same_usage(usage: Any, arguments: Arguments) -> Any:
    return usage


def _same_answer(answer: Answer, arguments: Arguments) -> Answer:
    return answer


@dataclass(frozen=True)
class Fault(Generic[OrderT_contra]):
    """Met by the orders of one provider, or with `Fault[Order]` by those of all."""

    meaning: str
    arguments: Arguments = field(default_factory=dict)
    billed: bool = True
    silent: bool = False
    """Not even a status line is sent."""

    refusal: Callable[[OrderT_contra, Arguments], Answer] | None = None
    """The provider says this instead."""
    edge: Callable[[Arguments], Answer] | None = None
    """Something between the client and the provider says this instead."""

    order: Callable[[OrderT_contra, Arguments], Order] = _same_order
    """The provider carries out this one instead."""
    files: Callable[[list[bytes], Arguments], list[bytes]] = _same_files
    encode: Callable[[bytes, Arguments], str] = _base64
    usage: Callable[[Any, Arguments], Any] = _same_usage
    answer: Callable[[Answer, Arguments], Answer] = _same_answer
    deliver: Delivery = deliveries.whole


NO_FAULT: Fault[Order] = Fault("a good answer")
