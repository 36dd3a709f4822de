"""Going on with runs that lost their wake-up."""

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from workflows.models import Run, StepRun
from workflows.runs.advance import advance

logger = logging.getLogger(__name__)

OVERDUE = timedelta(seconds=2)
AT_ONCE = 200


def advance_overdue_runs() -> int:
    """Runs that nobody is working on: unfinished, and no step of theirs is under way."""
    under_way = StepRun.objects.filter(run=OuterRef("pk"), status=StepRun.Status.RUNNING)
    # From the future is what a web process with a wrong clock accepted: nobody waits for that hour.
    late = Q(created_at__lt=Now() - OVERDUE) | Q(created_at__gt=Now() + OVERDUE)
    overdue = Run.objects.unfinished().filter(late, ~Exists(under_way))
    run_ids = list(overdue.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE])
    for run_id in run_ids:
        try:
            advance(run_id)
        except Exception:  # one run that cannot go on keeps nobody else waiting
            logger.exception("run %s could not go on", run_id)
    return len(run_ids)
