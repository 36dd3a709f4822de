"""Which key and which host a request may use. The only place where a key is read."""

import logging
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from imagegen.errors import Fault
from imagegen.provider_keys.master_keys import is_known
from imagegen.provider_keys.models import ProviderKey
from imagegen.provider_keys.sealing import CannotOpen
from imagegen.provider_keys.store import live_key, live_keys, opened
from workflows.models import Workspace

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Access:
    key: str = field(repr=False)
    base_url: str
    simulated: bool
    label: str = ""
    """Which key it is, for comparison with the vendor's invoice."""
    key_id: UUID | None = None
    """Of a personal key."""

    @property
    def secret(self) -> str:
        """What no answer may echo; empty when there is no secret in it."""
        return "" if self.simulated else self.key


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


def will_be_simulated(workspace_id: UUID, route: str, charge_type: str) -> bool:
    """Before a run is planned: no key is opened. Raises NoAccess."""
    if charge_type == "personal":
        _check(live_key(workspace_id, settings.PROVIDER_ROUTES[route]["provider"]))
        return False
    return _hosted(route).simulated


def refusal(workspace: Workspace, route: str, charge_type: str) -> Fault | None:
    """Why no run would be planned, for a page that asks it of many steps."""
    try:
        if charge_type == "personal":
            _check(live_keys(workspace).get(settings.PROVIDER_ROUTES[route]["provider"]))
        else:
            _hosted(route)
    except NoAccess as none:
        return none.fault
    return None


def _check(key: ProviderKey | None) -> None:
    if key is None:
        raise NoAccess(Fault.NO_PERSONAL_KEY)
    if not is_known(key.master_key):
        raise NoAccess(Fault.PERSONAL_KEY_CLOSED)


def access_for(workspace_id: UUID, route: str, charge_type: str) -> Access:
    """For one request. Raises NoAccess. A personal key goes to the vendor only; without one there
    is no other."""
    return _personal(workspace_id, route) if charge_type == "personal" else _hosted(route)


def _hosted(route: str) -> Access:
    known = settings.PROVIDER_ROUTES[route]
    if known["key"]:
        label = f"hosted …{known['key'][-4:]}"
        return Access(known["key"], known["base_url"], simulated=False, label=label)
    if is_simulated(route):
        base_url = settings.SANDBOX_URL + known["sandbox_path"]
        return Access("sandbox", base_url, simulated=True, label="sandbox")
    raise NoAccess(Fault.NO_HOSTED_KEY)


def _personal(workspace_id: UUID, route: str) -> Access:
    known = settings.PROVIDER_ROUTES[route]
    key = live_key(workspace_id, known["provider"])
    if key is None:
        raise NoAccess(Fault.NO_PERSONAL_KEY)
    try:
        label = f"personal …{key.last_four}"
        return Access(opened(key), known["base_url"], simulated=False, label=label, key_id=key.pk)
    except CannotOpen:
        logger.error("provider key %s does not open with master key %s", key.pk, key.master_key)
        raise NoAccess(Fault.PERSONAL_KEY_CLOSED) from None
