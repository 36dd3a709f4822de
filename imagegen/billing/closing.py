"""What the closing of a part means for the books, besides its charge: statement, loss, review."""

import logging
from collections.abc import Iterable, Sequence

from django.utils.timezone import now

from imagegen.attempts.contract import Price, paid_kind
from imagegen.attempts.models import Attempt, Part
from imagegen.billing import reviews, wallet
from imagegen.billing.losses import book_loss
from imagegen.billing.prices import Line, in_micro, total_micro
from imagegen.billing.statement import closings, state
from imagegen.providers.contract import Usage

logger = logging.getLogger(__name__)


def with_charge(part: Part, attempt: Attempt, price: Price, amount: int, images: int) -> None:
    """Of a part whose hold was captured, in the same transaction."""
    cost = _cost(attempt, [*price.lines, *price.our_lines])
    _close(part, attempt, cost, price.lines, amount, images)


def without_charge(part: Part, attempt: Attempt | None) -> None:
    """Give the hold back. What the provider bills all the same is our loss."""
    wallet.release(part.pk)
    lines = _lines(part, attempt)
    is_billed = attempt is not None and part.state == Part.State.BILLED_EMPTY
    cost = _cost(attempt, lines) if attempt and is_billed else 0
    _list_for_review(part, cost)
    _close(part, attempt, cost, lines, images=part.assets.count())


def _close(
    part: Part,
    attempt: Attempt | None,
    cost: int,
    lines: Sequence[Line],
    amount: int = 0,
    images: int = 0,
) -> None:
    earlier = closings(part)  # its answer was taken up after all
    if earlier and earlier[-1].outcome == part.state:
        return  # as it stands in the statement already
    if earlier:
        reviews.arrived(part)  # waits for whoever settles it at this moment
    before = reviews.loss_of(part) if earlier else 0
    key = _key(part, len(earlier))
    loss = 0 if part.is_personal else max(0, cost - amount) - before
    book_loss(part, loss, key=key if earlier else f"loss:{part.pk}")
    state(
        key,
        part,
        attempt,
        at=now(),
        parts=0 if earlier else 1,
        images=images,
        charged_micro=amount,
        released_micro=part.hold_micro - amount,
        loss_micro=loss,
        units=_units(lines),
        **_billed(part, cost - before),
    )


def _lines(part: Part, attempt: Attempt | None) -> list[Line]:
    """What is billed for an answer without an image; nothing is known of one that never came, and
    of a model that an upgrade took out of the catalogue: then a person has to look."""
    if attempt is None or part.state != Part.State.BILLED_EMPTY:
        return []
    usage = Usage(**attempt.usage) if attempt.usage else None
    try:
        return list(paid_kind(part.step_run).cost_without_image(part, usage))
    except LookupError:
        logger.exception("nobody knows what part %s cost", part.pk)
        return []


def _list_for_review(part: Part, cost: int) -> None:
    if part.is_personal:
        return
    if part.state == Part.State.UNKNOWN:
        reviews.open_review(part, part.estimate_micro)
    elif part.state == Part.State.BILLED_EMPTY:
        reviews.open_review(part, cost or part.estimate_micro)


def _cost(attempt: Attempt, lines: Iterable[Line]) -> int:
    """By the provider's own figure, where it names one."""
    if attempt.provider_ticks is not None:
        return in_micro(attempt.provider_ticks)
    return total_micro(lines)


def _billed(part: Part, cost: int) -> dict[str, int]:
    """To whom the provider sends its bill."""
    return {"list_micro": cost} if part.is_personal else {"cost_micro": cost}


def _units(lines: Iterable[Line]) -> str:
    return " · ".join(f"{line.units:,} {line.what}" for line in lines)[:200]


def _key(part: Part, times: int) -> str:
    """Of its line in the statement, after so many of the same part."""
    if not times:
        return f"part:{part.pk}"
    return f"late:{part.pk}" if times == 1 else f"late:{part.pk}:{times}"
