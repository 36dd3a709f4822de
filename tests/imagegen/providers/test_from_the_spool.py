"""Whole answers as they lie on the disk, from the bytes of the vendor to the bytes of the image."""

import base64
import json

import pytest

from imagegen.attempts import spool
from imagegen.providers import registry

IMAGE = bytes(range(256)) * 4_000
LONG = base64.b64encode(IMAGE).decode()
SIGNATURE = base64.b64encode(b"thought" * 1_000).decode()


def candidate(*parts):
    return {"candidates": [{"content": {"parts": [*parts]}, "finishReason": "STOP"}]}


@pytest.mark.parametrize(
    ("provider", "content"),
    [
        ("openai", {"data": [{"b64_json": LONG}]}),
        ("xai", {"data": [{"b64_json": LONG, "mime_type": "image/jpeg"}]}),
        ("xai", {"data": [{"b64_json": f"data:image/jpeg;base64,{LONG}"}]}),
        (
            "gemini",
            candidate(
                {"text": "Here it is."},
                {"inlineData": {"data": SIGNATURE}, "thought": True},
                {"inlineData": {"mimeType": "image/png", "data": LONG}},
                {"text": "", "thoughtSignature": SIGNATURE},
            ),
        ),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_image_comes_out_as_it_was_made(tmp_path, provider, content, indent):
    with spool.SpoolWriter(tmp_path, "answer") as writer:
        writer.begin(200, {"Content-Type": "application/json"})
        writer.write(json.dumps(content, indent=indent).encode())
        writer.complete()
    answer = spool.read(tmp_path, "answer")
    result = registry.get(provider).parse(answer.status, answer.headers, answer)
    (picture,) = result.pictures
    assert b"".join(answer.decoded(picture.base64)) == IMAGE
