"""The providers by name."""

from functools import cache
from importlib import import_module
from typing import cast

from imagegen.providers.contract import Provider

MODULES = {"openai": "imagegen.providers.openai"}


@cache
def get(name: str) -> Provider:
    # Imported on first use, so that attempts can ask for a provider without knowing any of them.
    module = import_module(MODULES[name])
    return cast(Provider, module)  # import_module promises a module, not which functions it has
