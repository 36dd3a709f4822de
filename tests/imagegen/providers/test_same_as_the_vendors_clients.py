"""For equal settings we send what the vendors' own Python clients send: path, key and JSON.

Both really send, to a server on this machine. Not one key of the JSON may differ."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from google import genai
from google.genai.types import GenerateContentConfig, HttpOptions, ImageConfig
from openai import OpenAI

from imagegen import catalogue
from imagegen.attempts.spool import SpoolWriter
from imagegen.attempts.transport import Answered, send
from imagegen.choices import validate
from imagegen.providers import registry

PROMPTS = [
    "A blue insulated water bottle",
    'Eine „Flasche“ — 瓶, זכוכית, 🍾👩🏽‍🎨; \\ "quoted" / <b>&amp;</b>\n\tnext line\u2028é e\u0301',
]
COUNTS = [1, 2, 10]
RATIOS = catalogue.get("gemini-2.5-flash-image").settings["image_size"].values


class Sent(NamedTuple):
    path: str
    key: str | None
    content_type: str | None
    document: Any


class Listener(HTTPServer):
    """Takes every request and answers it with an empty object."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Recorder)
        self.sent = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Recorder(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self):
        headers = self.headers
        key = headers.get("authorization") or headers.get("x-goog-api-key")
        document = json.loads(self.rfile.read(int(headers["content-length"])))
        self.server.sent.append(Sent(self.path, key, headers.get("content-type"), document))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def listener():
    with Listener() as server:
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def we_send(listener, tmp_path):
    def sent(settings, prompt, key):
        checked = validate(settings)
        base_url = listener.address + urlsplit(checked.record.route.base_url).path
        request = registry.get(checked.provider).request(checked, prompt, key, base_url)
        with SpoolWriter(tmp_path, "ours") as spool:
            assert isinstance(send(request, spool, 10), Answered)
        return listener.sent.pop()

    return sent


def settings_for(model, count=1, **choices):
    provider = catalogue.get(model).provider
    return {"model": model, "image_count": count, "by_provider": {provider: choices}}


# OpenAI


@pytest.fixture
def openai_sends(listener):
    def sent(**arguments):
        url = f"{listener.address}/v1"
        with OpenAI(api_key="sk-test", base_url=url, max_retries=0) as client:
            client.images.generate(**arguments)
        return listener.sent.pop()

    return sent


PNG = {"output_format": "png"}
CHOICES = [
    {"size": "1024x1024", "quality": "low", "background": "auto", "moderation": "auto", **PNG},
    {"size": "auto", "quality": "auto", "background": "opaque", "moderation": "low", **PNG},
    {"size": "1536x864", "quality": "high", "background": "transparent", "moderation": "auto"}
    | PNG,
    {"size": "3840x2160", "quality": "medium", "background": "opaque", "moderation": "low"}
    | {"output_format": "jpeg", "output_compression": 70},
    {"size": "1024x1536", "quality": "low", "background": "transparent", "moderation": "auto"}
    | {"output_format": "webp", "output_compression": 0},
]


@pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-2.5-flare"])
@pytest.mark.parametrize("choices", CHOICES)
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("prompt", PROMPTS, ids=["plain", "of all scripts"])
def test_openai_is_sent_what_its_own_client_sends(
    we_send, openai_sends, model, choices, count, prompt
):
    ours = {f"image_{name}": value for name, value in choices.items()}
    assert we_send(settings_for(model, count, **ours), prompt, "sk-test") == openai_sends(
        model=model, prompt=prompt, n=count, **choices
    )


# xAI, whose pages use OpenAI's client


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("grok-imagine-image", {}),
        ("grok-imagine-image-quality", {}),
        ("grok-imagine-image-2.0", {"quality": "low"}),
    ],
)
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("prompt", PROMPTS, ids=["plain", "of all scripts"])
def test_xai_is_sent_what_the_client_of_its_pages_sends(
    we_send, openai_sends, model, more, count, prompt
):
    assert we_send(settings_for(model, count), prompt, "sk-test") == openai_sends(
        model=model,
        prompt=prompt,
        n=count,
        response_format="b64_json",
        extra_body={"aspect_ratio": "1:1", "resolution": "1k"},
        **more,
    )


# Google Gemini


@pytest.fixture
def google_sends(listener):
    def sent(model, prompt, options, **image):
        asked = GenerateContentConfig(
            response_modalities=["IMAGE"], image_config=ImageConfig(**image)
        )
        with genai.Client(api_key="AIza-test", **options(listener.address)) as client:
            client.models.generate_content(model=model, contents=prompt, config=asked)
        return listener.sent.pop()

    return sent


def developer_api(address):
    # Left alone the client speaks v1, where image models were reported as not found.
    return {"http_options": HttpOptions(base_url=address, api_version="v1beta")}


def google_cloud(address):
    return {"vertexai": True, "http_options": HttpOptions(base_url=address)}


@pytest.mark.parametrize(
    ("model", "options", "more"),
    [
        ("gemini-2.5-flash-image", google_cloud, {}),
        ("gemini-nano-banana-2.1", developer_api, {"image_size": "1K"}),
    ],
)
@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("prompt", PROMPTS, ids=["plain", "of all scripts"])
def test_gemini_is_sent_what_its_own_client_sends(
    we_send, google_sends, model, options, more, ratio, prompt
):
    settings = settings_for(model, image_size=ratio)
    assert we_send(settings, prompt, "AIza-test") == google_sends(
        model, prompt, options, aspect_ratio=ratio, **more
    )
