"""The raw rows of paid requests, money and files: to read only. What is asked and what came, with
prompts and addresses in it, is for the members of its workspace and not shown here."""

from typing import Any, ClassVar

from django.contrib.admin import register

from imagegen.models import (
    Asset,
    Attempt,
    Charge,
    DayTotal,
    LedgerEntry,
    LedgerTransaction,
    Part,
    ProviderKey,
    Review,
    ReviewNote,
    StatementLine,
    Storage,
    Wallet,
)  # fmt: skip
from workflows.raw_rows import Rows

FACTS = (
    "workspace", "user", "provider", "model", "charge_type", "key_label", "outcome", "simulated",
    "parts", "images", "charged_micro", "corrected_micro", "released_micro", "loss_micro",
    "list_micro", "cost_micro",
)  # fmt: skip


class InWorkspace(Rows):
    list_select_related: ClassVar[Any] = ("workspace",)


@register(Part)
class PartRows(InWorkspace):
    fields = (
        "id", "workspace", "step_run", "number", "operation", "provider", "model", "charge_type",
        "simulated", "account", "at_once", "first_slot", "slots", "hold_micro", "estimate_micro",
        "reserved_bytes", "state", "node", "lease_until", "lease_epoch", "claims", "due_at",
        "save_tries", "woken_at", "fault", "detail", "created_at", "finished_at",
    )  # fmt: skip
    list_display = (
        "id", "workspace", "model", "charge_type", "simulated", "state", "fault", "hold_micro",
        "created_at", "finished_at",
    )  # fmt: skip
    search_fields = ("pk", "step_run", "workspace")


@register(Attempt)
class AttemptRows(InWorkspace):
    fields = (
        "id", "workspace", "part", "number", "state", "simulated", "key_label", "usage",
        "status_code", "request_id", "provider_ticks", "spool_bytes", "spool_sha256", "fault",
        "started_at", "received_at", "finished_at",
    )  # fmt: skip
    list_display = (
        "id", "workspace", "part_id", "number", "state", "simulated", "status_code", "fault",
        "started_at", "finished_at",
    )  # fmt: skip
    search_fields = ("pk", "part", "workspace")


@register(Charge)
class ChargeRows(InWorkspace):
    fields = (
        "id", "workspace", "part", "attempt", "charge_type", "provider", "model", "amount_micro",
        "list_micro", "lines", "our_lines", "flags", "provider_ticks", "prices_from", "simulated",
        "created_at",
    )  # fmt: skip
    list_display = (
        "id", "workspace", "part_id", "model", "charge_type", "amount_micro", "list_micro",
        "simulated", "created_at",
    )  # fmt: skip
    search_fields = ("pk", "part", "attempt", "workspace")


@register(Wallet)
class WalletRows(InWorkspace):
    fields = (
        "id", "workspace", "simulated", "posted", "held", "cap_micro", "month", "month_micro",
        "warned_for",
    )  # fmt: skip
    list_display = ("workspace", "simulated", "posted", "held", "cap_micro", "month", "month_micro")
    search_fields = ("pk", "workspace")


@register(LedgerTransaction)
class LedgerTransactionRows(InWorkspace):
    fields = (
        "id", "key", "kind", "workspace", "simulated", "part", "micro", "month", "reason", "by",
        "created_at",
    )  # fmt: skip
    list_display = (
        "id", "workspace", "kind", "micro", "simulated", "part_id", "reason", "created_at",
    )  # fmt: skip
    search_fields = ("pk", "part", "workspace")


@register(LedgerEntry)
class LedgerEntryRows(InWorkspace):
    fields = ("id", "transaction", "workspace", "simulated", "account", "micro")
    list_display = ("id", "workspace", "transaction_id", "account", "micro", "simulated")
    search_fields = ("pk", "transaction", "workspace")


@register(StatementLine)
class StatementLineRows(InWorkspace):
    fields = (
        "id", "key", "at", "part", "step_run", "workflow", "step_identifier", "run_number",
        "request_id", "units", "reason", *FACTS,
    )  # fmt: skip
    list_display = (
        "id", "at", "workspace", "part_id", "model", "charge_type", "outcome", "charged_micro",
        "corrected_micro", "loss_micro", "simulated",
    )  # fmt: skip
    search_fields = ("pk", "part", "workspace", "user")


@register(DayTotal)
class DayTotalRows(InWorkspace):
    fields = ("id", "day", *FACTS)
    list_display = (
        "id", "day", "workspace", "model", "charge_type", "outcome", "parts", "images",
        "charged_micro", "corrected_micro", "loss_micro", "simulated",
    )  # fmt: skip
    search_fields = ("pk", "workspace", "user")


@register(Review)
class ReviewRows(InWorkspace):
    fields = (
        "id", "workspace", "part", "simulated", "state", "possible_micro", "created_at",
        "settled_by", "settled_at",
    )  # fmt: skip
    list_display = ("id", "workspace", "part_id", "state", "possible_micro", "created_at")
    search_fields = ("pk", "part", "workspace")


@register(ReviewNote)
class ReviewNoteRows(InWorkspace):
    fields = ("id", "workspace", "review", "text", "by", "created_at")
    list_display = ("id", "workspace", "review_id", "text", "by", "created_at")
    list_select_related = ("workspace", "by")
    search_fields = ("pk", "review", "workspace")


@register(Asset)
class AssetRows(InWorkspace):
    fields = (
        "id", "workspace", "step_run", "part", "slot", "file_name", "file_size", "file_type",
        "width", "height", "sha256", "simulated", "note", "created_at", "deleted_at", "deletion",
        "purged_at", "files_gone_at",
    )  # fmt: skip
    list_display = (
        "id", "workspace", "file_name", "file_size", "file_type", "simulated", "created_at",
        "deleted_at",
    )  # fmt: skip
    search_fields = ("pk", "part", "step_run", "workspace")


@register(Storage)
class StorageRows(InWorkspace):
    fields = ("workspace", "limit", "used", "reserved")
    list_display = ("workspace", "limit", "used", "reserved")


@register(ProviderKey)
class ProviderKeyRows(InWorkspace):
    fields = (
        "id", "workspace", "provider", "last_four", "added_by", "created_at", "ended_at",
        "ended_as", "ended_by", "last_used_at", "last_result", "last_result_at",
    )  # fmt: skip
    list_display = (
        "id", "workspace", "provider", "last_four", "created_at", "ended_at", "ended_as",
        "last_used_at",
    )  # fmt: skip
    search_fields = ("pk", "workspace")
