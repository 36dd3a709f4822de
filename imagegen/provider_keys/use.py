"""What is written down of a key each time it is used."""

from uuid import UUID

from django.db.models.functions import Now

from imagegen.errors import Fault
from imagegen.provider_keys.models import ProviderKey
from imagegen.providers.contract import Refusal, Result

SAYS_OF_THE_KEY = {
    Fault.KEY_REFUSED_HOSTED: ProviderKey.Result.REFUSED,
    Fault.FORBIDDEN: ProviderKey.Result.NOT_ALLOWED,
    Fault.OUT_OF_CREDIT_HOSTED: ProviderKey.Result.OUT_OF_CREDIT,
}


def take(key_id: UUID) -> bool:
    """In the transaction that commits the request; False when it was revoked meanwhile."""
    live = ProviderKey.objects.live().filter(pk=key_id)
    return live.update(last_used_at=Now()) == 1


def heard(key_id: UUID, answer: Result | Refusal) -> None:
    """What the answer to a request says of the key; most refusals say nothing of it."""
    if isinstance(answer, Result):
        note(key_id, ProviderKey.Result.ACCEPTED)
    elif result := SAYS_OF_THE_KEY.get(answer.fault):
        note(key_id, result)


def note(key_id: UUID, result: ProviderKey.Result) -> None:
    ProviderKey.objects.filter(pk=key_id).update(last_result=result, last_result_at=Now())
