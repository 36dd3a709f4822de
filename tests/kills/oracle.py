"""What must be true after any number of kills, by the sandbox's log, the spool and the rows."""

import json
from collections import Counter

from django.conf import settings

from imagegen.attempts import spool
from imagegen.books.check import breaches
from imagegen.models import Attempt, Part
from workflows.models import Run


def prompts_read(log):
    """How often the sandbox has read each; no two runs share one."""
    with log.open("rb") as lines:
        return Counter(json.loads(line)["body"]["prompt"] for line in lines)


def doubled(log):
    return [prompt for prompt, number in prompts_read(log).items() if number > 1]


def lost():
    """Answers that lie complete on the disk, and their images are not stored."""
    parts = Part.objects.filter(state=Part.State.SETTLED, assets__isnull=False)
    kept = set(map(str, Attempt.objects.filter(part__in=parts).values_list("pk", flat=True)))
    names = {path.stem for path in settings.SPOOL.glob("*-*.*")}
    return [name for name in names - kept if spool.read(settings.SPOOL, name)]


def unended():
    return list(Run.objects.unfinished())


def found_wrong(log):
    """A line for each thing that must not be."""
    yield from (f"asked twice: {prompt}" for prompt in doubled(log))
    yield from (f"a complete answer was lost: {name}" for name in lost())
    yield from (f"never ends: {run.pk}" for run in unended())
    yield from breaches(log)
