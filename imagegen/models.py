"""Where Django looks for models; each stands in the room it belongs to."""

from imagegen.assets.models import Asset, Storage
from imagegen.attempts.accounts import ProviderAccount
from imagegen.attempts.models import Attempt, Part
from imagegen.attempts.sweeps import Sweep
from imagegen.billing.ledger import LedgerEntry, LedgerTransaction
from imagegen.billing.models import Charge, Wallet
from imagegen.billing.reviews import Review, ReviewNote
from imagegen.billing.statement import DayTotal, StatementLine
from imagegen.provider_keys.models import DefaultChargeType, ProviderKey

__all__ = [
    "Asset",
    "Attempt",
    "Charge",
    "DayTotal",
    "DefaultChargeType",
    "LedgerEntry",
    "LedgerTransaction",
    "Part",
    "ProviderAccount",
    "ProviderKey",
    "Review",
    "ReviewNote",
    "StatementLine",
    "Storage",
    "Sweep",
    "Wallet",
]
