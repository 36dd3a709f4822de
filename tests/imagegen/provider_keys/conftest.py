import pytest

from imagegen.provider_keys.store import store

CANARY = "sk-canary-Zq7xW4vR9tY2uP6mK3nB8cD5"


@pytest.fixture
def stored(workspace, author):
    return store(workspace, "openai", CANARY, author)
