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
    label: str = ""
    """Which key it is, for comparison with the vendor's invoice."""


class NoAccess(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def is_live(route: str) -> bool:
    return bool(settings.PROVIDER_ROUTES[route]["key"])


def is_simulated(route: str) -> bool:
    known = settings.PROVIDER_ROUTES[route]
    return bool(settings.SANDBOX_URL and known["sandbox_path"] and not known["key"])


def standing(route: str) -> str:
    """What hosted runs by this route are, in a word or two."""
    if is_live(route):
        return "live"
    return "simulated" if is_simulated(route) else "no key"


def access_for(workspace_id: UUID, route: str, charge_type: str) -> Access:
    """Raises NoAccess. A personal key goes to the vendor only; without one there is no other."""
    if charge_type == "personal":
        raise NoAccess(Fault.NO_PERSONAL_KEY)
    known = settings.PROVIDER_ROUTES[route]
    if known["key"]:
        label = f"hosted …{known['key'][-4:]}"
        return Access(known["key"], known["base_url"], simulated=False, label=label)
    if is_simulated(route):
        base_url = settings.SANDBOX_URL + known["sandbox_path"]
        return Access("sandbox", base_url, simulated=True, label="sandbox")
    raise NoAccess(Fault.NO_HOSTED_KEY)
