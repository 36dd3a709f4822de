"""Variables of the environment, read so that a mistake is told in a sentence."""

import sys
from collections.abc import Sequence
from typing import Any

import environ


class Environment(environ.Env):  # type: ignore[misc]  # django-environ is untyped
    """A malformed value stops the start with its name in the message."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            if cast is bool and self.ENVIRON.get(var, "true").lower() not in ("true", "false"):
                raise ValueError
            return super().get_value(var, cast, *args, **kwargs)
        except ValueError:
            given = self.ENVIRON.get(var)
            sys.exit(f"{var} cannot be {given!r}. Change it, or unset it to use the default.")

    def choice(self, var: str, choices: Sequence[str]) -> str:
        """One of a few words; the first is the default."""
        value = str(self.str(var, default=choices[0]))
        if value not in choices:
            sys.exit(f"{var} cannot be {value!r}. Choose one of: {', '.join(choices)}.")
        return value

    def base_url(self, route: str, default: str) -> str:
        """A provider's host with the version of its API."""
        name = route.upper().replace("-", "_")
        return str(self.str(f"FETCHHIVE_{name}_BASE_URL", default=default)).rstrip("/")

    def key(self, var: str) -> str:
        """A secret that goes into a header; its value is in no message."""
        value = str(self.str(var, default="")).strip()
        if not (value.isascii() and value.isprintable()):
            sys.exit(f"{var} holds characters that no key has. Copy the key again.")
        return value
