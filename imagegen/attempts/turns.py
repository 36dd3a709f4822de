"""Whose turn it is: requests go round the workspaces, fewest under way first, as many together as
the settings and the accounts at the providers allow."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min

from imagegen.attempts import accounts
from imagegen.attempts.accounts import ProviderAccount
from imagegen.attempts.models import Part, PartQuerySet


@dataclass(frozen=True)
class Group:
    """What waits for one account on behalf of one workspace."""

    workspace_id: UUID
    account: str
    number: int = field(compare=False)
    since: datetime = field(compare=False)


@dataclass
class Turns:
    """Of the groups that wait, within what is under way already."""

    waiting: list[Group]
    open_accounts: dict[str, ProviderAccount]
    of_workspace: Counter[UUID]
    of_account: Counter[str]
    given: Counter[Group] = field(default_factory=Counter)

    def give(self, room: int) -> Counter[Group]:
        """So many at most, one after the other."""
        while self.given.total() < room:
            able = [group for group in self.waiting if self._may_have_one(group)]
            if not able:
                break
            self._give_one(min(able, key=self._rank))
        return self.given

    def _may_have_one(self, group: Group) -> bool:
        account = self.open_accounts.get(group.account)
        return (
            account is not None
            and self.given[group] < group.number
            and self.of_account[group.account] < account.room
            and self.of_workspace[group.workspace_id] < settings.REQUESTS_PER_WORKSPACE
        )

    def _rank(self, group: Group) -> tuple[int, datetime]:
        return self.of_workspace[group.workspace_id], group.since

    def _give_one(self, group: Group) -> None:
        self.given[group] += 1
        self.of_account[group.account] += 1
        self.of_workspace[group.workspace_id] += 1


def turns(due: PartQuerySet, room: int) -> Counter[Group]:
    """How many of each group have their turn now. Until the caller's transaction ends, no other
    worker counts."""
    groups = due.order_by().values_list("workspace_id", "account")
    waiting = [Group(*row) for row in groups.annotate(Count("pk"), Min("created_at"))]
    if not waiting or not room:
        return Counter()
    open_accounts = accounts.locked({group.account for group in waiting})
    under_way = list(
        Part.objects.unanswered().leased().values_list("workspace_id", "account")
    )  # after the lock, so that it is true
    workspaces, names = zip(*under_way, strict=True) if under_way else ((), ())
    return Turns(waiting, open_accounts, Counter(workspaces), Counter(names)).give(room)
