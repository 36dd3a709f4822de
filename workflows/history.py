"""The runs of a step, page by page."""

from dataclasses import dataclass

from workflows.kinds import Cost
from workflows.models import Step, StepRun
from workflows.pages import ROWS_PER_PAGE, Page, page_of
from workflows.states import State, outcome

RUNS_IN_MENU = 20


@dataclass(frozen=True)
class HistoryRow:
    step_run: StepRun
    state: State
    cost: Cost | None
    """None when nothing was charged."""
    pictures: list[dict[str, str]]

    @property
    def text(self) -> str:
        """What it was asked in words, such as a prompt with its references filled."""
        asked = self.step_run.filled or self.step_run.settings
        return " ".join(self.step_run.step_kind.texts(asked).values())


def history(
    step: Step, before: str = "", after: str = "", most: int = ROWS_PER_PAGE
) -> tuple[list[HistoryRow], Page[StepRun]]:
    """The runs of a step, newest first."""
    step_runs = step.runs.select_related("run__started_by", "run__api_key").defer("run__snapshot")
    page = page_of(step_runs, "run_number", before, after, most)
    kind = step.step_kind
    costs, pictures = kind.run_costs(page.rows), kind.previews(page.rows)
    rows = [
        HistoryRow(each, outcome(each), costs.get(each.pk), pictures.get(each.pk, []))
        for each in page.rows
    ]
    return rows, page
