"""The runs of a step, page by page."""

from dataclasses import dataclass

from workflows.editor import look, run_number
from workflows.models import Step, StepRun

RUNS_PER_PAGE = 50


@dataclass(frozen=True)
class HistoryRow:
    step_run: StepRun
    look: str
    charged: str
    pictures: list[dict[str, str]]


def history(step: Step, before: str = "") -> tuple[list[HistoryRow], int | None]:
    """The runs of a step, newest first, and the number from which the next page goes on."""
    step_runs = step.runs.select_related("run__started_by").order_by("-run__number")
    if number := run_number(before):
        step_runs = step_runs.filter(run__number__lt=number)
    shown = list(step_runs[: RUNS_PER_PAGE + 1])
    page, kind = shown[:RUNS_PER_PAGE], step.step_kind
    costs, pictures = kind.charged(page), kind.previews(page)
    rows = [
        HistoryRow(each, look(each), costs.get(each.pk, ""), pictures.get(each.pk, []))
        for each in page
    ]
    return rows, page[-1].run.number if len(shown) > len(page) else None
