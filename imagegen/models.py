"""Where Django looks for models; each stands in the room it belongs to."""

from imagegen.assets.models import Asset, Storage
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.models import Charge, Wallet

__all__ = ["Asset", "Attempt", "Charge", "Part", "Storage", "Wallet"]
