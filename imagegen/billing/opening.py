"""What a new workspace is given: a plan and an opening grant."""

from django.conf import settings

from imagegen.assets.models import Storage
from imagegen.billing.ledger import LedgerTransaction
from imagegen.billing.models import Wallet
from imagegen.billing.wallet import grant
from workflows.models import Workspace


def open_accounts(workspace: Workspace) -> None:
    Storage.objects.create(workspace=workspace, limit=settings.OPENING_STORAGE_BYTES)
    for simulated in (False, True):
        wallet = Wallet.objects.create(workspace=workspace, simulated=simulated)
        if (micro := settings.OPENING_GRANT_MICRO) > 0:
            key = f"opening:{wallet.pk}"
            grant(wallet, micro, key=key, kind=LedgerTransaction.Kind.OPENING)
