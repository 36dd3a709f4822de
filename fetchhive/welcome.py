"""What a person reads when Fetch Hive is ready."""

from django.conf import settings

LABELS = {"openai": "OpenAI", "xai": "xAI", "gemini": "Google Gemini"}


def welcome(address: str) -> str:
    lines = [
        "",
        "Fetch Hive is ready. Open this address to sign in (works once, on this machine only):",
        "",
        f"    {address}",
        "",
        *(f"  {label:<14} {state}" for label, state in _providers()),
        f"  {'Data':<14} {settings.DATA}",
        f"  {'Sign in again':<14} make sign-in",
        "",
        "Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)


def _providers() -> list[tuple[str, str]]:
    return [
        (LABELS.get(name, name), "live" if route["key"] else _simulated(name))
        for name, route in settings.PROVIDER_ROUTES.items()
    ]


def _simulated(name: str) -> str:
    return f"simulated (live with FETCHHIVE_{name.upper()}_API_KEY)"
