"""Where Django looks for models; each stands in the room it belongs to."""

from imagegen.assets.models import Asset, Storage
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.models import Charge, Wallet
from imagegen.provider_keys.models import DefaultChargeType, ProviderKey

__all__ = [
    "Asset",
    "Attempt",
    "Charge",
    "DefaultChargeType",
    "Part",
    "ProviderKey",
    "Storage",
    "Wallet",
]
