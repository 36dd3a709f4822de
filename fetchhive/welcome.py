"""What a person reads when Fetch Hive is ready."""

from django.conf import settings

from imagegen.providers import registry


def welcome(address: str) -> str:
    lines = [
        "",
        "Fetch Hive is ready. Open this address to sign in (works once, on this machine only):",
        "",
        f"    {address}",
        "",
        *(f"  {label:<14} {state}" for label, state in _providers().items()),
        f"  {'Data':<14} {settings.DATA}",
        f"  {'Sign in again':<14} make sign-in",
        "",
        "Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)


def _providers() -> dict[str, str]:
    """Their routes share a key, so that one line speaks for all of them."""
    routes = settings.PROVIDER_ROUTES.values()
    return {registry.get(route["provider"]).label: _state(route) for route in routes}


def _state(route: dict[str, str]) -> str:
    if route["key"]:
        return "live"
    state = "simulated" if route["sandbox_path"] else "not available"
    return f"{state} (live with FETCHHIVE_{route['provider'].upper()}_API_KEY)"
