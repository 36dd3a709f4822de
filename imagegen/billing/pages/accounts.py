"""What a workspace has: wallet, cap, storage plan, and what it was granted."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from imagegen.assets.models import Storage
from imagegen.billing.ledger import Account, LedgerTransaction
from imagegen.billing.models import Wallet
from imagegen.billing.wallet import this_month
from workflows.models import Workspace

MOST_GRANTS = 20
GRANTS = (LedgerTransaction.Kind.OPENING, LedgerTransaction.Kind.GRANT)


@dataclass(frozen=True)
class Accounts:
    wallet: Wallet
    play_money: Wallet
    """What the sandbox spends."""
    storage: Storage
    grants: list[LedgerTransaction]
    """Each with what came to the wallet, `granted_micro`: negative was taken back."""

    @property
    def month_micro(self) -> int:
        """What counts towards the cap of this month: charges and what is held."""
        return self.wallet.counted_in(this_month())

    @property
    def month_percent(self) -> int:
        cap = self.wallet.cap_micro
        return min(100, self.month_micro * 100 // max(1, cap)) if cap is not None else 0


def accounts_of(workspace: Workspace) -> Accounts:
    wallets: dict[bool, Any] = {each.simulated: each for each in workspace.wallets.all()}
    granted = LedgerTransaction.objects.filter(
        workspace=workspace, simulated=False, kind__in=GRANTS
    ).annotate(granted_micro=Sum("entries__micro", filter=Q(entries__account=Account.WALLET)))
    return Accounts(
        wallet=wallets[False],
        play_money=wallets[True],
        storage=Storage.objects.get(workspace=workspace),
        grants=list(granted.select_related("by").order_by("-created_at")[:MOST_GRANTS]),
    )
