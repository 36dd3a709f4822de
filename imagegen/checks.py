"""What is wrong with the settings is said at the start, with a hint."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from imagegen.provider_keys.master_keys import NoMasterKey, master_keys
from workflows.navigation import is_this_machine


@register()
def provider_addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A key goes over TLS only, but for a provider on this machine."""
    found: list[CheckMessage] = []
    for name, route in settings.PROVIDER_ROUTES.items():
        parts = urlsplit(route["base_url"])
        if parts.scheme != "https" and not is_this_machine(parts.hostname or ""):
            variable = f"FETCHHIVE_{name.upper().replace('-', '_')}_BASE_URL"
            hint = f"Give {variable} an address that begins with https://."
            found.append(
                Error(f"{name} would be called without TLS", hint=hint, id="imagegen.E001")
            )
    return found


MAKE_ONE = (
    "Make one with: python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
)


@register()
def master_keys_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        master_keys()
    except NoMasterKey as malformed:
        what = f"FETCHHIVE_MASTER_KEYS: {malformed}; several are separated by commas"
        return [Error(what, hint=MAKE_ONE, id="imagegen.E002")]
    return []


@register(deploy=True)
def master_keys_shared(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The generated one lies on one machine's disk, beside the database when that is SQLite."""
    if settings.OWN_MASTER_KEYS:
        return []
    what = "provider keys are sealed with a master key in the data folder"
    hint = f"Set FETCHHIVE_MASTER_KEYS. {MAKE_ONE}"
    return [Warning(what, hint=hint, id="imagegen.W002")]


@register(deploy=True)
def hosted_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    keys = {route["provider"]: route["key"] for route in settings.PROVIDER_ROUTES.values()}
    for name, key in keys.items():
        if not key:
            hint = f"Set FETCHHIVE_{name.upper()}_API_KEY."
            found.append(Warning(f"{name} has no hosted key", hint=hint, id="imagegen.W001"))
    return found
