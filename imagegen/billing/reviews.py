"""What a vendor may have billed and nobody was charged for: listed until staff have settled it."""

from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils.timezone import now

from imagegen.attempts.models import Part
from imagegen.billing.ledger import Account, LedgerEntry
from imagegen.billing.losses import book_loss
from imagegen.billing.statement import state
from workflows.keys import new_id
from workflows.models import User, Workspace


class Review(models.Model):
    class State(models.TextChoices):
        OPEN = "open", "Needs review"
        BILLED = "billed", "The vendor billed it"
        NOT_BILLED = "not_billed", "The vendor did not bill it"
        ARRIVED = "arrived", "Its answer came after all"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    part = models.OneToOneField(Part, models.PROTECT, related_name="review")
    simulated = models.BooleanField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    possible_micro = models.BigIntegerField()
    """What the vendor bills when it bills it, as far as we can tell."""
    created_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="review_settled_at_only_when_settled",
                condition=Q(state="open", settled_at=None)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index(fields=["-created_at"], condition=Q(state="open"), name="review_open"),
        )

    def __str__(self) -> str:
        return f"review of {self.part}"


class ReviewNote(models.Model):
    """What staff found out. Never edited."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    review = models.ForeignKey(Review, models.PROTECT, related_name="notes")
    text = models.CharField(max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text


def open_review(part: Part, possible_micro: int) -> None:
    Review.objects.get_or_create(
        part=part,
        defaults={
            "workspace_id": part.workspace_id,
            "simulated": part.simulated,
            "possible_micro": possible_micro,
        },
    )


def note(review: Review, text: str, by: User) -> ReviewNote:
    return review.notes.create(workspace_id=review.workspace_id, text=text, by=by)


def settle(review: Review, verdict: str, loss_micro: int, reason: str, by: User) -> bool:
    """Once: False when somebody else has settled it, or its answer is arriving at this moment. The
    loss becomes what it is said to be; what was booked before stays, and the difference is
    booked."""
    with transaction.atomic():
        part = Part.objects.get(pk=review.part_id)
        if part.state in Part.OPEN or not _close(review, verdict, by):
            return False
        more = loss_micro - loss_of(part)
        book_loss(part, more, key=f"review:{review.pk}", reason=reason, by=by)
        state(
            f"review:{review.pk}",
            part,
            part.attempts.last(),
            at=now(),
            loss_micro=more,
            cost_micro=more,
            reason=reason,
        )
        if reason:
            note(review, reason, by)
    return True


def arrived(part: Part) -> None:
    """The answer came after all: what it cost is known, and nobody needs to settle it."""
    if review := Review.objects.filter(part=part).first():
        _close(review, Review.State.ARRIVED, None)


def loss_of(part: Part) -> int:
    """What has been booked as our loss for it so far."""
    booked = LedgerEntry.objects.filter(transaction__part=part, account=Account.LOSSES)
    return -(booked.aggregate(micro=Sum("micro"))["micro"] or 0)


def _close(review: Review, verdict: str, by: User | None) -> bool:
    open_ones = Review.objects.filter(pk=review.pk, state=Review.State.OPEN)
    return open_ones.update(state=verdict, settled_by=by, settled_at=now()) == 1
