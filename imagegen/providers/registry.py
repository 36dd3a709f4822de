"""The providers by name: each is the module of that name in this folder."""

from functools import cache
from importlib import import_module
from typing import cast

from imagegen.providers.contract import Provider


@cache
def get(name: str) -> Provider:
    """The name comes from a model's record. Imported on first use, so that attempts can ask for
    a provider without knowing any of them."""
    module = import_module(f"{__package__}.{name}")
    return cast(Provider, module)  # import_module promises a module, not which functions it has
