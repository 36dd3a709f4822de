"""The workspace's default Charge Type."""

from uuid import UUID

from imagegen.provider_keys.models import DefaultChargeType


def default_charge_type(workspace_id: UUID) -> str:
    chosen = DefaultChargeType.objects.filter(workspace=workspace_id).first()
    return chosen.charge_type if chosen else "hosted"


def set_default_charge_type(workspace_id: UUID, charge_type: str) -> None:
    DefaultChargeType.objects.update_or_create(
        workspace_id=workspace_id, defaults={"charge_type": charge_type}
    )
