"""L12: what left us, by the journal, and what the sandbox has read."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Count

from imagegen.attempts.models import Attempt
from imagegen.books.laws import law


@law("L12", "one request id answers one attempt")
def answers_are_single() -> Iterator[str]:
    named = Attempt.objects.exclude(request_id="").values("workspace", "request_id")
    for row in named.annotate(number=Count("pk")).filter(number__gt=1):
        yield f"{row['request_id']} answered {row['number']} attempts"


def sent_once(log: Path) -> Iterator[str]:
    """Every request that the sandbox has read was the only one of an attempt: of each body it has
    read at most as many as there are attempts that were sending it."""
    read = Counter(_body(entry["body"]) for entry in _entries(log))
    sent = Counter(body for _, body in _sent())
    for body, number in read.items():
        if number > sent[body]:
            yield f"{number} requests came of {sent[body]} attempts: {body[:100]}"


def billed_once(log: Path) -> Iterator[str]:
    """A part is billed once at most, however many attempts it took."""
    billed = Counter(_body(entry["body"]) for entry in _entries(log) if entry["billed"])
    parts = Counter(body for _, body in set(_sent()))
    for body, number in billed.items():
        if number > parts[body]:
            yield f"{number} requests of {parts[body]} parts were billed: {body[:100]}"


def _sent() -> Iterator[tuple[UUID, str]]:
    """The part of each attempt that was sending, and what it sent."""
    attempts = Attempt.objects.exclude(state=Attempt.State.UNSENT)
    for part_id, body in attempts.values_list("part_id", "sent").iterator():
        yield part_id, _body(body)


def _entries(log: Path) -> Iterator[dict[str, Any]]:
    with log.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def _body(body: Any) -> str:
    return json.dumps(body, sort_keys=True)
