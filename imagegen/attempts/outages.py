"""When nobody could prolong a lease, silence proves no death: the database was away, or the machine
was asleep. Afterwards the heartbeats of live workers come first, for as long as a lease."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import Error

from imagegen.attempts.recover import recover


class Outages:
    """As one sweep has seen them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_round = clock()
        self._judges_from = 0.0

    def recover(self) -> int:
        """A round of the sweep, which judges nobody soon after an outage."""
        try:
            moved = recover(judge=self._are_over())
        except Error:
            self._judges_from = self._clock() + settings.LEASE_SECONDS
            raise
        self._last_round = self._clock()
        return moved

    def _are_over(self) -> bool:
        at = self._clock()
        if at - self._last_round > settings.LEASE_SECONDS:
            self._judges_from = at + settings.LEASE_SECONDS
        return at >= self._judges_from
