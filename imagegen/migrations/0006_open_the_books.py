"""Books for what happened before there were any: grants, charges, holds, and a line for each part
that has closed. The wallets are right already; afterwards the ledger adds up to them."""

import hashlib

from django.db import migrations
from django.db.models import Sum

from workflows.keys import new_id

DIMENSIONS = (
    "workspace_id", "user_id", "provider", "model", "charge_type", "key_label", "outcome",
    "simulated",
)  # fmt: skip
AMOUNTS = (
    "parts", "images", "charged_micro", "released_micro", "loss_micro", "list_micro", "cost_micro",
)  # fmt: skip
TICKS_PER_MICRO = 10_000
PICO_PER_MICRO = 1_000_000
CLOSED = ("settled", "rejected", "billed_empty", "unknown", "cancelled")


def open_the_books(apps, schema_editor):
    models = {name: apps.get_model("imagegen", name) for name in (
        "Wallet", "Part", "Charge", "LedgerTransaction", "LedgerEntry", "StatementLine", "DayTotal",
        "Review",
    )}  # fmt: skip
    for wallet in models["Wallet"].objects.all():
        _grant(models, wallet)
    days = {}
    parts = models["Part"].objects.select_related("step_run__run")
    for part in parts.filter(state__in=CLOSED).order_by("pk").iterator():
        _close(models, part, days)
    for part in parts.exclude(state__in=CLOSED).iterator():
        _hold(models, part)
    models["DayTotal"].objects.bulk_create(days.values())


def _grant(models, wallet):
    charges = models["Charge"].objects.filter(
        workspace=wallet.workspace_id, simulated=wallet.simulated
    )
    charged = charges.aggregate(sum=Sum("amount_micro"))["sum"] or 0
    given = wallet.posted + charged
    amounts = {"grants": -given, "wallet": given}
    _book(models, wallet, f"opening:{wallet.pk}", "opening", given, amounts)



def _hold(models, part):
    held = part.hold_micro
    amounts = {"wallet": -held, "held": held}
    _book(models, part, f"hold:{part.pk}", "hold", held, amounts, part)


def _close(models, part, days):
    charge = models["Charge"].objects.filter(part=part).first()
    amount = charge.amount_micro if charge else 0
    held, back = part.hold_micro, part.hold_micro - amount
    _hold(models, part)
    amounts = {"held": -held, "wallet": back, "sales": amount}
    kind = "capture" if amount else "release"
    _book(models, part, f"end:{part.pk}", kind, held, amounts, part)
    cost = _cost(part, charge)
    loss = max(0, cost - amount) if part.charge_type == "hosted" else 0
    amounts = {"losses": -loss, "providers": loss}
    _book(models, part, f"loss:{part.pk}", "loss", loss, amounts, part)
    _state(models, part, charge, {"released_micro": back, "loss_micro": loss}, cost, days)
    if part.state in ("unknown", "billed_empty") and part.charge_type == "hosted":
        models["Review"].objects.create(
            id=new_id(),
            workspace_id=part.workspace_id,
            part=part,
            simulated=part.simulated,
            possible_micro=cost or part.estimate_micro,
        )


def _cost(part, charge):
    """What the provider bills: by its own figure where it named one, else by our prices."""
    attempt = part.attempts.order_by("number").last()
    if part.state in ("settled", "billed_empty") and attempt and attempt.provider_ticks is not None:
        return -(-attempt.provider_ticks // TICKS_PER_MICRO)
    lines = [*charge.lines, *charge.our_lines] if charge else []
    return -(-sum(line["amount_pico"] for line in lines) // PICO_PER_MICRO)


def _book(models, owner, key, kind, micro, amounts, part=None):
    if not micro:
        return
    entry = {"workspace_id": owner.workspace_id, "simulated": owner.simulated}
    booked = models["LedgerTransaction"].objects.create(
        id=new_id(), key=key, kind=kind, micro=micro, part=part, **entry
    )
    for account, moved in amounts.items():
        if moved:
            models["LedgerEntry"].objects.create(
                id=new_id(), transaction=booked, account=account, micro=moved, **entry
            )


def _state(models, part, charge, facts, cost, days):
    run = part.step_run.run
    dimensions = {
        "workspace_id": part.workspace_id,
        "user_id": run.started_by_id,
        "provider": part.provider,
        "model": part.model,
        "charge_type": part.charge_type,
        "key_label": "",
        "outcome": part.state,
        "simulated": part.simulated,
    }
    amounts = {
        **facts,
        "parts": 1,
        "images": part.assets.count(),
        "charged_micro": charge.amount_micro if charge else 0,
        "list_micro": cost if part.charge_type == "personal" else 0,
        "cost_micro": cost if part.charge_type == "hosted" else 0,
    }
    models["StatementLine"].objects.create(
        id=new_id(),
        key=f"part:{part.pk}",
        at=part.finished_at,
        part=part,
        step_run=part.step_run,
        workflow_id=run.workflow_id,
        step_identifier=part.step_run.identifier,
        run_number=run.number,
        **dimensions,
        **amounts,
    )
    _add(models, part.finished_at.date(), dimensions, amounts, days)


def _add(models, day, dimensions, amounts, days):
    words = [str(day), *(str(dimensions[name]) for name in DIMENSIONS)]
    digest = hashlib.sha256("\x1f".join(words).encode()).hexdigest()
    if digest not in days:
        days[digest] = models["DayTotal"](id=new_id(), day=day, digest=digest, **dimensions)
    for name in AMOUNTS:
        setattr(days[digest], name, getattr(days[digest], name) + amounts[name])


class Migration(migrations.Migration):
    dependencies = [("imagegen", "0005_ledger")]
    operations = [migrations.RunPython(open_the_books, migrations.RunPython.noop, elidable=True)]
