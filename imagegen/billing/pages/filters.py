"""What of the statement somebody asks for. It is kept in the address, and applies to days and to
lines alike, so that bars, totals, lines and export are about the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet

from imagegen.attempts.models import Part
from imagegen.billing.pages.periods import USUAL, NoPeriod, Period, named, of_day, period_of
from imagegen.billing.reviews import Review
from imagegen.billing.statement import DayTotal, StatementLine
from workflows.models import User, Workspace

CHARGE_TYPES = {"hosted": "Hosted", "personal": "Personal"}
OUTCOMES = {value: label for value, label in Part.State.choices if value not in Part.OPEN}
SIMULATED = {"only": "Simulated only"}
WORDS = {
    "workspace": "workspace",
    "user": "user",
    "provider": "provider",
    "model": "model",
    "charge_type": "charge type",
    "key": "key",
    "outcome": "state",
    "simulated": "choice of simulated",
}


@dataclass(frozen=True)
class Choices:
    """What can be asked for, each value with the words for it."""

    workspace: Mapping[str, str]
    user: Mapping[str, str]
    provider: Mapping[str, str]
    model: Mapping[str, str]
    charge_type: Mapping[str, str]
    key: Mapping[str, str]
    """By their labels, which have the last four characters."""
    outcome: Mapping[str, str]
    simulated: Mapping[str, str]
    ids: Mapping[str, UUID]
    """Of the workspaces, by their slugs."""


def choices_for(workspace: Workspace | None) -> Choices:
    """In all workspaces, or in the one that somebody is confined to."""
    days = DayTotal.objects.filter(workspace=workspace) if workspace else DayTotal.objects.all()
    users = User.objects.filter(pk__in=days.values("user")).order_by("email")
    made_by = sorted(days.values_list("provider", "model", "key_label").distinct())
    open_to = [workspace] if workspace else list(Workspace.objects.order_by("name", "slug"))
    return Choices(
        workspace={} if workspace else {each.slug: each.name for each in open_to},
        user={str(pk): email for pk, email in users.values_list("pk", "email")},
        provider={provider: provider for provider, _, _ in made_by},
        model={model: model for _, model, _ in made_by},
        charge_type=CHARGE_TYPES,
        key={key: key for _, _, key in made_by if key},
        outcome=OUTCOMES,
        simulated=SIMULATED,
        ids={each.slug: each.pk for each in open_to},
    )


@dataclass(frozen=True)
class Filter:
    period: Period
    workspace_id: UUID | None = None
    """Of the workspace asked for, or of the one that somebody is confined to."""
    workspace: str = ""
    user: str = ""
    provider: str = ""
    model: str = ""
    charge_type: str = ""
    key: str = ""
    outcome: str = ""
    simulated: str = ""
    remarks: tuple[str, ...] = ()
    """What was asked for and does not exist, each in a sentence."""

    def days(self) -> QuerySet[DayTotal]:
        days = (self.period.first, self.period.last)
        return DayTotal.objects.filter(day__range=days, **self._facts())

    def lines(self) -> QuerySet[StatementLine]:
        since, until = self.period.start, self.period.end
        return StatementLine.objects.filter(at__gte=since, at__lt=until, **self._facts())

    def under_way(self) -> QuerySet[Part]:
        """Now, whenever they were begun; they have no outcome and no key yet."""
        facts = self._facts()
        user = facts.pop("user_id", None)
        for later in ("outcome", "key_label"):
            facts.pop(later, None)
        by_user = {"step_run__run__started_by": user} if user else {}
        return Part.objects.open().filter(**facts, **by_user)

    def needing_review(self) -> QuerySet[Review]:
        """Now, whenever it happened: what is unsettled does not grow old."""
        facts = {f"part__{name}": value for name, value in self._facts().items()}
        elsewhere = {
            "part__user_id": "part__step_run__run__started_by",
            "part__outcome": "part__state",
        }
        if key := facts.pop("part__key_label", None):
            facts["part__in"] = StatementLine.objects.filter(key_label=key).values("part")
        facts = {elsewhere.get(name, name): value for name, value in facts.items()}
        return Review.objects.filter(state=Review.State.OPEN, **facts)

    @property
    def is_narrowed(self) -> bool:
        return bool(set(self.asked()) - {"period", "from", "to"})

    def asked(self) -> dict[str, str]:
        """As an address says it: only what differs from the usual."""
        chosen = {name: getattr(self, name) for name in WORDS}
        return self.period.asked() | {name: value for name, value in chosen.items() if value}

    def query(self) -> str:
        return urlencode(self.asked())

    def on(self, day: date, **changes: Any) -> "Filter":
        return replace(self, period=of_day(day), **changes)

    def before(self) -> "Filter":
        return replace(self, period=self.period.before)

    def _facts(self) -> dict[str, Any]:
        facts = {
            "workspace_id": self.workspace_id,
            "user_id": UUID(self.user) if self.user else None,
            "provider": self.provider,
            "model": self.model,
            "charge_type": self.charge_type,
            "key_label": self.key,
            "outcome": self.outcome,
        }
        chosen = {name: value for name, value in facts.items() if value}
        return {**chosen, "simulated": bool(self.simulated)}


def filter_of(asked: Mapping[str, str], choices: Choices, fixed: Workspace | None) -> Filter:
    """What is asked for and does not exist is remarked, and shown as if it were not asked for."""
    remarks: list[str] = []
    try:
        period = period_of(asked)
    except NoPeriod as reason:
        period = named(USUAL)
        remarks.append(str(reason))
    chosen = {name: _chosen(name, asked, choices, remarks) for name in WORDS}
    workspace_id = fixed.pk if fixed else choices.ids.get(chosen["workspace"])
    return Filter(period, workspace_id, **chosen, remarks=tuple(remarks))


def _chosen(name: str, asked: Mapping[str, str], choices: Choices, remarks: list[str]) -> str:
    value = asked.get(name, "")
    if not value or value in getattr(choices, name):
        return value
    remarks.append(f"There is no {WORDS[name]} “{value[:60]}” here: it was left out.")
    return ""
