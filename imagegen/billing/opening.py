"""What a new workspace is given: a plan and an opening grant."""

from django.conf import settings

from imagegen.assets.models import Storage
from imagegen.billing.models import Wallet
from workflows.models import Workspace


def open_accounts(workspace: Workspace) -> None:
    Storage.objects.create(workspace=workspace, limit=settings.OPENING_STORAGE_BYTES)
    for simulated in (False, True):
        Wallet.objects.create(
            workspace=workspace, simulated=simulated, posted=settings.OPENING_GRANT_MICRO
        )
