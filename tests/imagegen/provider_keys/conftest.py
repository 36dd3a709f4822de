import pytest

from imagegen.provider_keys.store import store

CANARY = "sk-canary-Zq7xW4vR9tY2uP6mK3nB8cD5"


@pytest.fixture
def vendors(sandbox, settings):
    """OpenAI and xAI on this machine, and nothing simulated: their hosts are the sandbox's, where a
    key that contains `invalid` is refused."""
    hosts = {"openai": f"{sandbox.base_url}/openai/v1", "xai": f"{sandbox.base_url}/xai/v1"}
    settings.PROVIDER_ROUTES = {
        name: route | {"base_url": hosts.get(name, route["base_url"]), "key": ""}
        for name, route in settings.PROVIDER_ROUTES.items()
    }
    return sandbox


@pytest.fixture
def hosted_keys(settings):
    """Live hosted keys besides, which no personal run may use."""
    settings.PROVIDER_ROUTES = {
        name: route | {"key": "sk-hosted-0123456789HOST"}
        for name, route in settings.PROVIDER_ROUTES.items()
    }


@pytest.fixture
def stored(workspace, author):
    return store(workspace, "openai", CANARY, author)
