"""The lines of the statement, newest first, page by page."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from imagegen.attempts.models import Part
from imagegen.billing.reviews import Review
from imagegen.billing.statement import StatementLine
from workflows.money import dollars, in_column

ROWS_PER_PAGE = 50
KINDS = {"late": "answer came late", "correction": "corrected", "review": "reviewed"}


@dataclass(frozen=True)
class Row:
    line: StatementLine

    @property
    def amount(self) -> str:
        line = self.line
        if line.corrected_micro:
            return in_column(line.corrected_micro)
        if line.charge_type == "personal":
            return f"$0 (list {dollars(line.list_micro)})"
        if line.loss_micro:
            return f"{_short(line.charged_micro)} (loss {dollars(line.loss_micro)})"
        if self.needs_review:
            return f"$0 (loss up to {dollars(line.part.review.possible_micro)})"
        return in_column(line.charged_micro)

    @property
    def usage(self) -> str:
        line = self.line
        return line.reason or line.units or line.part.detail or line.part.fault.replace("_", " ")

    @property
    def state(self) -> str:
        if self.needs_review:
            return "needs review"
        kind = self.line.key.partition(":")[0]
        return KINDS.get(kind) or self.line.get_outcome_display().lower()

    @property
    def needs_review(self) -> bool:
        """Only the line of the request itself: what settles it is another."""
        review = getattr(self.line.part, "review", None)
        is_open = review is not None and review.state == Review.State.OPEN
        return is_open and self.line.key.startswith("part:")

    @property
    def look(self) -> str:
        if self.needs_review:
            return "bad"
        settled = self.line.outcome == Part.State.SETTLED and not self.line.corrected_micro
        return "ok" if settled else "warning"


@dataclass(frozen=True)
class LinePage:
    rows: list[Row]
    newer: UUID | None = None
    older: UUID | None = None


def lines_of(lines: QuerySet[StatementLine], before: str = "", after: str = "") -> LinePage:
    """What is no line in `before` and `after` is as good as nothing."""
    older_than, newer_than = _line(lines, before), _line(lines, after)
    shown = _shown(lines, older_than, newer_than)
    if not shown:
        return LinePage([])
    return LinePage(
        [Row(line) for line in shown],
        newer=shown[0].pk if lines.filter(_newer(shown[0])).exists() else None,
        older=shown[-1].pk if lines.filter(_older(shown[-1])).exists() else None,
    )


def with_names(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    return lines.select_related("workspace", "workflow", "user", "part__review")


def _shown(
    lines: QuerySet[StatementLine],
    older_than: StatementLine | None,
    newer_than: StatementLine | None,
) -> list[StatementLine]:
    named = with_names(lines)
    if newer_than and not older_than:
        oldest_first = named.filter(_newer(newer_than)).order_by("at", "id")
        return list(oldest_first[:ROWS_PER_PAGE])[::-1]
    if older_than:
        named = named.filter(_older(older_than))
    return list(named.order_by("-at", "-id")[:ROWS_PER_PAGE])


def _older(line: StatementLine) -> Q:
    """The first condition is what an index can find; the second parts those of one instant."""
    return Q(at__lte=line.at) & (Q(at__lt=line.at) | Q(id__lt=line.pk))


def _newer(line: StatementLine) -> Q:
    return Q(at__gte=line.at) & (Q(at__gt=line.at) | Q(id__gt=line.pk))


def _line(lines: QuerySet[StatementLine], id: str) -> StatementLine | None:
    try:
        return lines.filter(pk=UUID(id)).first() if id else None
    except ValueError:
        return None


def _short(micro: int) -> str:
    return dollars(micro) if micro else "$0"
