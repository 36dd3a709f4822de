"""Hold → capture or release. One conditional UPDATE decides; nobody reads, then writes."""

from uuid import UUID

from django.db.models import F

from imagegen.billing.models import Wallet


def wallet_for(workspace_id: UUID, *, simulated: bool) -> Wallet | None:
    return Wallet.objects.filter(workspace_id=workspace_id, simulated=simulated).first()


def hold(workspace_id: UUID, micro: int, *, simulated: bool) -> bool:
    """Set money aside before a request; False when what is available does not cover it."""
    wallets = Wallet.objects.filter(workspace_id=workspace_id, simulated=simulated)
    return wallets.filter(posted__gte=F("held") + micro).update(held=F("held") + micro) == 1


def release(workspace_id: UUID, micro: int, *, simulated: bool) -> None:
    capture(workspace_id, micro, 0, simulated=simulated)


def capture(workspace_id: UUID, held: int, micro: int, *, simulated: bool) -> None:
    """End a hold and take at most what was held. The caller ends each hold once, by the state of
    its part."""
    if micro > held:
        raise ValueError("a capture never exceeds its hold")
    wallets = Wallet.objects.filter(workspace_id=workspace_id, simulated=simulated)
    wallets.update(held=F("held") - held, posted=F("posted") - micro)
