"""Waiting for what happens in another thread or process."""

import time


def wait_until(question, seconds=60):
    """The first true answer, or a failure."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
