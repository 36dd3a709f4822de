"""Who asks: an API key, and nothing else. A cookie of a signed-in person opens nothing here."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from workflows.api_keys import known, note_use
from workflows.models import ApiKey


class BearerKey(HttpBearer):
    openapi_description = "An API key of the workspace, made by an owner under API keys."

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = known(token.strip())
        if key:
            note_use(key)
        return key


def key_of(request: HttpRequest) -> ApiKey:
    """The one that the request was let in with."""
    key: Any = getattr(request, "auth", None)
    assert isinstance(key, ApiKey)
    return key
