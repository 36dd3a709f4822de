"""The faults of no particular provider, met at xAI and Google as they are at OpenAI."""

import binascii
import json

import httpx
import pytest

from imagegen.sandbox.faults import FAULTS

# What a marker needs so that nobody waits or unpacks more than it takes to see the fault.
ARGUMENTS = {
    "slow": "latency=0",
    "drip_body": "seconds=0",
    "drip_headers": "seconds=0",
    "endless": "megabytes=1",
    "bomb": "side=100",
}
BROKEN = {
    "hang": httpx.ReadTimeout,
    "stall": httpx.ReadTimeout,
    "drop_before_headers": httpx.RemoteProtocolError,
    "drop_after_headers": httpx.RemoteProtocolError,
    "drop_mid_body": httpx.RemoteProtocolError,
    "reset": httpx.ReadError,
    "reset_mid_body": httpx.ReadError,
}
STATUSES = {"html_502": 502, "no_content": 204, "redirect": 307}
COUNTS = {
    "usage_negative": lambda count: count < 0,
    "usage_huge": lambda count: count == 10**18,
    "usage_text": lambda count: count == "many",
    "usage_nan": lambda count: count != count,
}
# The damage to files, and the format that an opened one has, or None.
DAMAGED = {
    "wrong_format": "PNG",
    "heavy": "PNG",
    "animated_png": "PNG",
    "animated_webp": "WEBP",
    "animated_gif": "GIF",
    "bomb": "PNG",
    "corrupt_image": None,
    "svg": None,
    "html_image": None,
}


def marked(name):
    return f"A fox [[sandbox:{name} {ARGUMENTS.get(name, '')}]]"


def leaves(value):
    if isinstance(value, dict | list):
        entries = value.values() if isinstance(value, dict) else value
        return [leaf for entry in entries for leaf in leaves(entry)]
    return [value]


@pytest.fixture(params=["grok", "gemini"])
def ask(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def images(ask, files_of, images_of):
    """The files of an answer, whoever gave it."""

    def images(response):
        return files_of(response) if "data" in response.json() else images_of(response)

    return images


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in BROKEN])
def test_every_fault_is_answered_and_logged(sandbox, ask, name):
    response = ask(marked(name))

    (entry,) = sandbox.entries()
    assert response.status_code == STATUSES.get(name, 200)
    assert entry["status"] == response.status_code
    assert entry["fault"].startswith(name)
    assert entry["billed"] == (name != "redirect")


@pytest.mark.parametrize(("name", "error"), BROKEN.items())
def test_every_broken_connection_counts_as_billed(sandbox, ask, name, error):
    with pytest.raises(error):
        ask(marked(name), timeout=0.5)

    assert [entry["billed"] for entry in sandbox.entries()] == [True]


@pytest.mark.parametrize(("name", "image_format"), DAMAGED.items())
def test_the_files_are_damaged(ask, images, opened, name, image_format):
    (file,) = images(ask(marked(name)))

    if image_format:
        assert opened(file).format == image_format
    else:
        with pytest.raises((OSError, SyntaxError)):
            opened(file)


@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("base64")])
def test_the_encoding_is_damaged(ask, images, name):
    response = ask(marked(name))
    with pytest.raises(binascii.Error):
        images(response)


@pytest.mark.parametrize(("name", "is_as_expected"), COUNTS.items())
def test_every_count_of_the_usage_is_damaged_and_no_name(ask, name, is_as_expected):
    answer = json.loads(ask(marked(name)).text)
    usage = answer.get("usage") or answer["usageMetadata"]

    counts = [leaf for leaf in leaves(usage) if leaf not in ("TEXT", "IMAGE")]
    assert counts
    assert all(is_as_expected(count) for count in counts)
    if "usageMetadata" in answer:
        assert usage["candidatesTokensDetails"][0]["modality"] == "IMAGE"


def test_the_usage_can_be_missing(ask):
    assert not {"usage", "usageMetadata"} & set(ask(marked("usage_missing")).json())


def test_no_images_is_an_empty_list_at_xai(grok):
    assert grok(marked("no_images")).json()["data"] == []


def test_no_images_is_no_candidates_at_google(gemini):
    answer = gemini(marked("no_images")).json()

    assert "candidates" not in answer
    assert answer["usageMetadata"]["candidatesTokenCount"] == 747


@pytest.mark.parametrize(
    ("marker", "came", "different"),
    [
        ("fewer_images", 2, 2),
        ("fewer_images drop=2", 1, 1),
        ("more_images extra=2", 5, 5),
        ("duplicate_images", 3, 1),
    ],
)
def test_more_or_fewer_images_come_from_xai_than_are_billed(
    grok, files_of, marker, came, different
):
    response = grok(f"A fox [[sandbox:{marker}]]", n=3)

    files = files_of(response)
    assert (len(files), len(set(files))) == (came, different)
    assert response.json()["usage"] == {"cost_in_usd_ticks": 600_000_000}


def test_more_images_come_from_google_in_one_candidate(gemini, images_of):
    response = gemini("A fox [[sandbox:more_images extra=2]]")

    assert len(set(images_of(response))) == 3
    assert response.json()["usageMetadata"]["candidatesTokenCount"] == 747


def test_one_of_several_calls_to_google_brings_nothing(gemini):
    answers = [gemini("A fox [[sandbox:fewer_images drop=1 times=1]]").json() for _ in range(3)]
    assert ["candidates" in answer for answer in answers] == [False, True, True]


@pytest.mark.parametrize("marker", ["[[sandbox:rate_limt]]", "[[sandbox:hang", "[[sandbox:]]"])
def test_a_marker_that_cannot_be_obeyed_is_refused(sandbox, ask, marker):
    response = ask(f"A fox {marker}")

    assert response.status_code == 400
    assert "INVALID" in response.text.upper()
    assert not sandbox.entries()[0]["billed"]


def test_a_fault_of_another_provider_is_not_known(grok, gemini):
    assert "Known: " in gemini("A fox [[sandbox:ticks_off]]").json()["error"]["message"]
    assert "Known: " in grok("A fox [[sandbox:thoughts]]").json()["error"]


def test_a_marker_is_found_in_any_part_of_the_contents(gemini):
    contents = [
        {"role": "user", "parts": [{"text": "A fox"}, {"text": "[[sandbox:quota]]"}]},
        {"role": "model", "parts": [{"text": "Which?"}]},
    ]
    assert gemini(contents=contents).status_code == 429


def test_a_header_asks_for_a_fault_as_a_marker_does(ask):
    headers = {"x-sandbox-fault": "rate_limit retry-after=7"}
    assert ask(headers=headers).headers["retry-after"] == "7"
