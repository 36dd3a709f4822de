"""Testing a key: one request to the vendor that costs nothing, and its answer in our words."""

from typing import cast
from uuid import UUID

from django.conf import settings

from imagegen.attempts import transport
from imagegen.attempts.claims import release_connection
from imagegen.billing.keys import NoAccess, access_for
from imagegen.errors import Fault
from imagegen.provider_keys import use
from imagegen.provider_keys.models import ProviderKey
from imagegen.providers import registry
from imagegen.providers.contract import PersonalProvider, Refusal

SECONDS = 10
Result = ProviderKey.Result
BY_FAULT = use.SAYS_OF_THE_KEY | {Fault.RATE_LIMITED: Result.BUSY}


def ask(workspace_id: UUID, provider: str) -> ProviderKey.Result:
    """Raises NoAccess when there is no key or it cannot be opened."""
    vendor = cast(PersonalProvider, registry.get(provider))  # a model of it offers Personal
    with transport.nothing_quoted(NoAccess):
        access = access_for(workspace_id, _route(provider), "personal")
        question = vendor.key_question(access.key, access.base_url)
        transport.refuse_foreign_host(question.url)
        release_connection()
        reply = transport.ask(question, SECONDS)
    result = _meaning(vendor, reply)
    if access.key_id:
        use.note(access.key_id, result)
    return result


def _route(provider: str) -> str:
    """All routes of a provider take the same key; the first one is asked."""
    routes = settings.PROVIDER_ROUTES.items()
    return next(name for name, known in routes if known["provider"] == provider)


def _meaning(vendor: PersonalProvider, reply: transport.Reply | transport.Failed) -> Result:
    if isinstance(reply, transport.Failed):
        return Result.UNREACHABLE if reply.fault is Fault.UNREACHABLE else Result.NO_ANSWER
    if 200 <= reply.status < 300:
        return Result.ACCEPTED if reply.is_object else Result.NO_ANSWER
    parsed = vendor.parse(reply.status, reply.headers, reply)
    fault = parsed.fault if isinstance(parsed, Refusal) else None
    return BY_FAULT.get(fault, Result.NO_ANSWER) if fault else Result.NO_ANSWER
