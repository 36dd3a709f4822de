import base64
import io

import httpx
import pytest
from PIL import Image

from imagegen.sandbox import server

KEY = "sk-test-0123456789-abcd"
SMALL = "816x816"
# The smallest images that Gemini's models make.
SMALL_JPEG = {"responseModalities": ["IMAGE"], "imageConfig": {"imageSize": "512"}}
HOSTS = {
    "gemini": "/gemini/v1beta/models",
    "gemini v1": "/gemini/v1/models",
    "cloud": "/gemini-cloud/v1beta1/publishers/google/models",
}


@pytest.fixture
def sandbox(tmp_path):
    with server.running(log=tmp_path / "sandbox.log") as sandbox:
        yield sandbox


@pytest.fixture
def http(sandbox):
    # Plain HTTP; reading the certificates of the world would take most of a test's time.
    with httpx.Client(base_url=sandbox.base_url, verify=False, timeout=20) as client:
        yield client


@pytest.fixture
def client(sandbox):
    headers = {"Authorization": f"Bearer {KEY}"}
    address = f"{sandbox.base_url}/openai/v1"
    with httpx.Client(base_url=address, headers=headers, verify=False) as client:
        yield client


@pytest.fixture
def generate(client):
    def generate(prompt="A lighthouse", headers=None, timeout=20, **fields):
        body = {"model": "gpt-image-2", "prompt": prompt, "size": SMALL, **fields}
        return client.post("/images/generations", json=body, headers=headers, timeout=timeout)

    return generate


@pytest.fixture
def grok(http):
    def grok(prompt="A lighthouse", headers=None, timeout=20, **fields):
        body = {"model": "grok-imagine-image", "prompt": prompt, "aspect_ratio": "1:1"}
        body |= {"response_format": "b64_json", **fields}
        headers = {"Authorization": f"Bearer {KEY}"} | (headers or {})
        path = "/xai/v1/images/generations"
        return http.post(path, json=body, headers=headers, timeout=timeout)

    return grok


@pytest.fixture
def gemini(http):
    def gemini(
        prompt="A lighthouse",
        config=SMALL_JPEG,
        model="gemini-3.1-flash-image",
        host="cloud",
        headers=None,
        timeout=20,
        **fields,
    ):
        body = {"contents": [{"parts": [{"text": prompt}]}], "generationConfig": config, **fields}
        path = f"{HOSTS[host]}/{model}:generateContent"
        headers = {"x-goog-api-key": KEY} | (headers or {})
        return http.post(path, json=body, headers=headers, timeout=timeout)

    return gemini


@pytest.fixture
def files_of():
    def files_of(response):
        images = response.json()["data"]
        return [base64.b64decode(image["b64_json"], validate=True) for image in images]

    return files_of


@pytest.fixture
def parts_of():
    def parts_of(response):
        (candidate,) = response.json()["candidates"]
        return candidate["content"]["parts"]

    return parts_of


@pytest.fixture
def images_of(parts_of):
    """The files in an answer of Gemini, without those of its thoughts."""

    def images_of(response):
        parts = [part for part in parts_of(response) if not part.get("thought")]
        images = [part["inlineData"] for part in parts if "inlineData" in part]
        return [base64.b64decode(image["data"], validate=True) for image in images]

    return images_of


@pytest.fixture
def opened():
    def opened(file):
        image = Image.open(io.BytesIO(file))
        image.load()
        return image

    return opened
