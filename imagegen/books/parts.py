"""L9 to L13 and L16: parts, attempts and what was booked for them."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils.timezone import now

from imagegen.assets.models import Asset
from imagegen.attempts.contract import paid_kind
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.ledger import LedgerTransaction
from imagegen.billing.models import Charge
from imagegen.billing.statement import StatementLine
from imagegen.books.laws import law

GRACE = timedelta(seconds=120)


@law("L9", "a personal part moves no money of a wallet and no hosted part used a personal key")
def personal_is_personal() -> Iterator[str]:
    for each in LedgerTransaction.objects.filter(part__charge_type="personal"):
        yield f"{each.key}: booked for a personal part"
    for attempt in Attempt.objects.filter(
        part__charge_type="hosted", key_label__startswith="personal"
    ):
        yield f"attempt {attempt.pk}: hosted, and sent with {attempt.key_label}"
    for attempt in Attempt.objects.filter(part__charge_type="personal").exclude(
        Q(key_label="") | Q(key_label__startswith="personal")
    ):
        yield f"attempt {attempt.pk}: personal, and sent with {attempt.key_label}"


@law("L10", "what was charged has images, and every image belongs to an answer that arrived")
def charges_have_images() -> Iterator[str]:
    for charge in Charge.objects.filter(amount_micro__gt=0, part__assets=None):
        yield f"charge {charge.pk}: {charge.amount_micro} without an image"
    arrived = [Part.State.RECEIVED, Part.State.SETTLED, Part.State.BILLED_EMPTY]
    for asset in Asset.objects.exclude(part__state__in=arrived).select_related("part"):
        yield f"asset {asset.pk}: its part is {asset.part.state}"


@law("L11", "an open hold belongs to a part under way that is not overdue")
def holds_are_young() -> Iterator[str]:
    under_way = Attempt.objects.filter(finished_at=None).select_related("part__step_run")
    for attempt in under_way.filter(part__state=Part.State.SENDING):
        part = attempt.part
        seconds = settings.DEADLINE_SECONDS or paid_kind(part.step_run).deadline(part)
        if attempt.started_at < now() - timedelta(seconds=seconds) - GRACE:
            yield f"part {part.pk}: sending for longer than {seconds:g} s"
    silence = timedelta(seconds=settings.LOST_NODE_SECONDS)
    arrived = under_way.filter(part__state=Part.State.RECEIVED)
    for attempt in arrived.filter(received_at__lt=now() - silence - GRACE):
        yield f"part {attempt.part_id}: its answer of {attempt.received_at} is not settled"


@law("L13", "a part that has closed stands in the statement once, and no other part does")
def closed_parts_are_stated() -> Iterator[str]:
    stated = Count("statement_lines", filter=Q(statement_lines__parts__gt=0))
    parts = Part.objects.annotate(stated=stated)
    closed = Q(finished_at__isnull=False)
    # An answer that comes late opens a part again, that had been stated.
    late = Q(state=Part.State.RECEIVED, stated=1)
    wrong = (closed & ~Q(stated=1)) | (~closed & ~Q(stated=0) & ~late)
    for pk, state, times in parts.filter(wrong).values_list("pk", "state", "stated"):
        yield f"part {pk} is {state} and stands in the statement {times} times"


@law("L16", "what providers bill us is charged or our loss")
def costs_are_covered() -> Iterator[str]:
    """Where our prices are above the provider's own figure, the charge is flagged instead."""
    hosted = StatementLine.objects.filter(charge_type="hosted").values("part")
    for row in hosted.annotate(
        cost=Sum("cost_micro"), charged=Sum("charged_micro"), loss=Sum("loss_micro")
    ):
        if row["loss"] != max(0, row["cost"] - row["charged"]):
            yield (
                f"part {row['part']}: {row['cost']} billed to us, {row['charged']} charged and"
                f" {row['loss']} lost"
            )
