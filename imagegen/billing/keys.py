"""Which key and which host a request may use. The only place where a key is read."""

from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from imagegen.errors import Fault


@dataclass(frozen=True)
class Access:
    key: str = field(repr=False)
    base_url: str
    simulated: bool


class NoAccess(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def is_live(route: str) -> bool:
    return bool(settings.PROVIDER_ROUTES[route]["key"])


def access_for(workspace_id: UUID, route: str, charge_type: str) -> Access:
    """Raises NoAccess. A personal key goes to the vendor only; without one there is no other."""
    if charge_type == "personal":
        raise NoAccess(Fault.NO_PERSONAL_KEY)
    known = settings.PROVIDER_ROUTES[route]
    if known["key"]:
        return Access(known["key"], known["base_url"].rstrip("/"), simulated=False)
    if settings.SANDBOX_URL:
        return Access("sandbox", settings.SANDBOX_URL + known["sandbox_path"], simulated=True)
    raise NoAccess(Fault.NO_HOSTED_KEY)
