"""A law is a function that yields a sentence for each place where it is broken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Check = Callable[[], Iterator[str]]
BREACHES = 20
"""How many places of one law are named; a law that is broken everywhere needs no more."""


@dataclass(frozen=True)
class Law:
    name: str
    text: str
    check: Check


LAWS: list[Law] = []


def law(name: str, text: str) -> Callable[[Check], Check]:
    """Register a law under its name in the list of invariants: L1, Q2, …"""

    def register(check: Check) -> Check:
        LAWS.append(Law(name, text, check))
        return check

    return register
