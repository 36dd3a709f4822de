"""Keeps child processes running, and ends them together.

The first signal asks them to end and waits for requests that are open at providers, because those
are paid for; the second ends everything now.
"""

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from fetchhive.children import Child

TICK = 0.1
ONE_PRESS = 0.3
"""Seconds within which signals count as one: `make` and the terminal may both send it."""


class Supervisor:
    def __init__(
        self,
        children: Iterable[Child],
        open_requests: Callable[[], int | None],
        say: Callable[[str], None] = print,
        patience: float = 20,
        grace: float = 1,
    ) -> None:
        self.children = list(children)
        self.open_requests = open_requests
        """None when nobody can tell."""
        self.say = say
        self.patience = patience
        """Seconds a child may take to end while no request is open."""
        self.grace = grace
        """Seconds a child may take to end after the second signal."""
        self.signals = 0
        self.signalled_at = 0.0

    def run(self, each_tick: Callable[[], None] = lambda: None) -> None:
        """Until a signal comes or `each_tick` raises. Whatever happens, no child is left."""
        with self._listening():
            try:
                while not self.signals:
                    self._keep_running()
                    each_tick()
                    time.sleep(TICK)
            finally:
                self._end_all()

    def _keep_running(self) -> None:
        for child in self.children:
            if child.is_dead:
                self.say(child.bury())
            child.start_when_due()

    def _end_all(self) -> None:
        try:
            self.say("Stopping: nothing new is started.")
            for last in (False, True):
                self._end([child for child in self.children if child.ends_last is last])
            if self.signals > 1:
                self._end_now()
        finally:
            for child in self.children:
                child.clear_away()

    def _end(self, group: list[Child]) -> None:
        for child in group:
            child.ask_to_end()
        told, deadline = 0, time.monotonic() + self.patience
        while _any_running(group) and self.signals < 2 and time.monotonic() < deadline:
            waiting = self.open_requests()
            if waiting != 0:
                deadline = time.monotonic() + self.patience
            if waiting and waiting != told:
                self.say(_waiting_for(waiting))
                told = waiting
            time.sleep(TICK)

    def _end_now(self) -> None:
        cut_off = self.open_requests()
        fate = "; the next start finds out what became of it" if cut_off else ""
        self.say(f"Ending now{f': {_requests(cut_off)} cut off{fate}' if cut_off else ''}.")
        deadline = time.monotonic() + self.grace
        while _any_running(self.children) and time.monotonic() < deadline:
            time.sleep(TICK)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        heeded = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup stays nohup
            heeded.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._count) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _count(self, number: int, frame: FrameType | None) -> None:
        if time.monotonic() - self.signalled_at > ONE_PRESS:
            self.signals += 1
            self.signalled_at = time.monotonic()


def _any_running(children: list[Child]) -> bool:
    for child in children:
        if child.is_dead:
            child.clear_away()
    return any(child.is_running for child in children)


def _requests(number: int) -> str:
    return "1 request is" if number == 1 else f"{number} requests are"


def _waiting_for(number: int) -> str:
    return (
        f"{_requests(number)} open at providers: waiting for the answers, so that nothing paid for "
        "is lost. Ctrl-C again ends now."
    )
