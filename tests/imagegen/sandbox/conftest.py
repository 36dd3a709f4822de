import base64
import io

import httpx
import pytest
from PIL import Image

from imagegen.sandbox import server

KEY = "sk-test-0123456789-abcd"
SMALL = "816x816"


@pytest.fixture
def sandbox(tmp_path):
    with server.running(log=tmp_path / "sandbox.log") as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox):
    headers = {"Authorization": f"Bearer {KEY}"}
    address = f"{sandbox.base_url}/openai/v1"
    # Plain HTTP; reading the certificates of the world would take most of a test's time.
    with httpx.Client(base_url=address, headers=headers, verify=False) as client:
        yield client


@pytest.fixture
def generate(client):
    def generate(prompt="A lighthouse", headers=None, timeout=20, **fields):
        body = {"model": "gpt-image-2", "prompt": prompt, "size": SMALL, **fields}
        return client.post("/images/generations", json=body, headers=headers, timeout=timeout)

    return generate


@pytest.fixture
def files_of():
    def files_of(response):
        images = response.json()["data"]
        return [base64.b64decode(image["b64_json"], validate=True) for image in images]

    return files_of


@pytest.fixture
def opened():
    def opened(file):
        image = Image.open(io.BytesIO(file))
        image.load()
        return image

    return opened
