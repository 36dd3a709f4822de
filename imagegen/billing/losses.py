"""What providers bill us and nobody is charged for."""

from imagegen.attempts.models import Part
from imagegen.billing.ledger import Account, Booking, LedgerTransaction, book
from workflows.models import User


def book_loss(
    part: Part, micro: int, *, key: str, reason: str = "", by: User | None = None
) -> None:
    """Negative takes back what had been booked. Nothing is booked for a personal key: its owner
    is billed."""
    if not micro or part.is_personal:
        return
    amounts = {Account.LOSSES: -micro, Account.PROVIDERS: micro}
    loss = Booking(
        key=key,
        kind=LedgerTransaction.Kind.LOSS,
        workspace_id=part.workspace_id,
        simulated=part.simulated,
        amounts=amounts,
        part_id=part.pk,
        reason=reason,
        by=by,
    )
    book([loss])
