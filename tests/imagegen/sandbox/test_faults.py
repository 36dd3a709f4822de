import base64
import binascii
import json
import socket
from email.utils import parsedate_to_datetime

import httpx
import pytest
from PIL import Image, UnidentifiedImageError

from imagegen.sandbox.faults import FAULTS
from imagegen.sandbox.openai_faults import REFUSALS

REFUSED = [
    ("bad_key", 401, "invalid_api_key", False),
    ("verify", 403, None, False),
    ("moderation_input", 400, "moderation_blocked", False),
    ("moderation_output", 400, "moderation_blocked", True),
    ("rate_limit", 429, "rate_limit_exceeded", False),
    ("slow_down", 429, "slow_down", False),
    ("quota", 429, "insufficient_quota", False),
    ("billing_stop", 400, "billing_hard_limit_reached", False),
    ("billing_stop status=429 code=billing_not_active", 429, "billing_not_active", False),
    ("invalid_option param=quality", 400, "invalid_value", False),
    ("no_transparency", 400, None, False),
    ("model_gone", 404, "model_not_found", False),
    ("server_error", 500, None, True),
    ("server_error status=529", 529, None, True),
    ("unavailable_once", 503, None, True),
    ("error_200", 200, "server_error", True),
]
BROKEN = {
    "drop_before_headers": httpx.RemoteProtocolError,
    "drop_after_headers": httpx.RemoteProtocolError,
    "drop_mid_body": httpx.RemoteProtocolError,
    "reset": httpx.ReadError,
    "reset_mid_body": httpx.ReadError,
    "hang": httpx.ReadTimeout,
    "stall": httpx.ReadTimeout,
}
STRANGE_TYPES = {"animated_png": "PNG", "animated_webp": "WEBP", "animated_gif": "GIF"}


@pytest.fixture
def faulty(generate):
    def faulty(marker, **fields):
        # JPEG is the quickest to make.
        return generate(f"A fox [[sandbox:{marker}]]", **{"output_format": "jpeg", **fields})

    return faulty


@pytest.fixture
def raw(sandbox):
    """The bytes of an answer, for what httpx hides."""

    def raw(fault, enough):
        body = b'{"model":"gpt-image-2","prompt":"A fox","size":"816x816"}'
        lines = ("POST /openai/v1/images/generations HTTP/1.1", "Authorization: Bearer any")
        lines += (f"x-sandbox-fault: {fault}", f"Content-Length: {len(body)}", "", "")
        port = int(sandbox.base_url.rsplit(":", 1)[1])
        received = b""
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall("\r\n".join(lines).encode() + body)
            while enough not in received:
                received += connection.recv(65536)
        return received

    return raw


@pytest.mark.parametrize(("marker", "status", "code", "billed"), REFUSED)
def test_a_refusal_has_its_status_and_code_and_is_billed_or_not(
    sandbox, faulty, marker, status, code, billed
):
    response = faulty(marker)

    (entry,) = sandbox.entries()
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert (entry["status"], entry["billed"], entry["fault"]) == (status, billed, marker)
    assert response.headers["x-request-id"] == entry["request_id"]


def test_every_refusal_is_tested_or_is_an_answer_with_200():
    tested = {marker.partition(" ")[0] for marker, *_ in REFUSED}
    answers = {"revised_prompt", "text_only", "data_null", "other_request"}
    assert set(REFUSALS) - tested == answers


@pytest.mark.parametrize("stage", ["input", "output"])
def test_moderation_names_its_stage_and_category(faulty, stage):
    error = faulty(f"moderation_{stage} category=sexual").json()["error"]

    assert error["type"] == "image_generation_user_error"
    assert error["moderation_details"] == {"moderation_stage": stage, "categories": ["sexual"]}
    assert "safety_violations=[sexual]" in error["message"]


@pytest.mark.parametrize("hint", ["7", "-5", "86400", "soon"])
def test_a_rate_limit_sends_the_hint_as_it_was_asked(faulty, hint):
    assert faulty(f"rate_limit retry-after={hint}").headers["retry-after"] == hint


def test_a_rate_limit_may_hint_in_milliseconds_or_not_at_all(faulty):
    assert faulty("rate_limit retry-after-ms=1500").headers["retry-after-ms"] == "1500"
    assert "retry-after" not in faulty("rate_limit").headers


def test_a_rate_limit_may_hint_with_a_date_by_a_clock_that_is_hours_off(faulty):
    headers = faulty("rate_limit retry-after=date+7 clock=7200").headers

    dates = [parsedate_to_datetime(headers[name]) for name in ("date", "retry-after")]
    assert (dates[1] - dates[0]).total_seconds() == 7
    assert len(headers.get_list("date")) == 1


def test_the_message_of_a_verification_names_the_model(faulty):
    assert "`gpt-image-2`" in faulty("verify").json()["error"]["message"]


@pytest.mark.parametrize("marker", ["unavailable_once", "server_error times=1", "reset times=1"])
def test_a_fault_can_be_over_after_the_first_time(sandbox, faulty, marker):
    try:
        first = faulty(marker).status_code
    except httpx.ReadError:
        first = None

    assert first != 200
    assert faulty(marker).status_code == 200
    assert sandbox.entries()[1]["fault"] is None


@pytest.mark.parametrize(("marker", "error"), BROKEN.items())
def test_a_broken_connection_counts_as_billed(sandbox, faulty, marker, error):
    with pytest.raises(error):
        faulty(marker, timeout=0.5)

    assert [entry["billed"] for entry in sandbox.entries()] == [True]


def test_a_body_that_breaks_off_has_begun(client):
    body = {"model": "gpt-image-2", "prompt": "A fox", "size": "816x816"}
    headers = {"x-sandbox-fault": "drop_mid_body"}
    with client.stream("POST", "/images/generations", json=body, headers=headers) as response:
        pieces = []
        with pytest.raises(httpx.RemoteProtocolError):
            pieces.extend(response.iter_raw())

    assert 1000 < sum(map(len, pieces)) < int(response.headers["content-length"])


def test_nothing_comes_before_the_connection_is_dropped(raw):
    with pytest.raises(ConnectionResetError):
        raw("reset", b"\0")


@pytest.mark.parametrize("fault", ["drip_body", "drip_headers"])
def test_dripping_arrives_complete_when_it_is_waited_for(raw, fault):
    assert raw(f"{fault} seconds=0", b'"created"').startswith(b"HTTP/1.1 200 OK\r\n")


def test_dripping_pauses_after_each_byte(raw):
    assert raw("drip_headers seconds=60", b"H") == b"H"
    assert raw("drip_body seconds=60", b"{").endswith(b"\r\n\r\n{")


def test_an_endless_body_has_the_length_that_was_asked(client):
    body = {"model": "gpt-image-2", "prompt": "A fox", "size": "816x816"}
    headers = {"x-sandbox-fault": "endless megabytes=3"}
    with client.stream("POST", "/images/generations", json=body, headers=headers) as response:
        length = sum(len(piece) for piece in response.iter_raw())

    assert 3_000_000 < length < 3_001_000
    assert "content-length" not in response.headers


@pytest.mark.parametrize(
    ("marker", "status"), [("html_200", 200), ("html_502", 502), ("no_content", 204)]
)
def test_something_between_answers_without_the_headers_of_openai(sandbox, faulty, marker, status):
    response = faulty(marker)

    assert response.status_code == status
    assert "x-request-id" not in response.headers
    assert ("<html>" in response.text) == marker.startswith("html")
    assert sandbox.entries()[0]["billed"]


def test_an_empty_body_is_a_success_without_a_byte(faulty):
    response = faulty("empty_body")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_that_is_followed_shows_in_the_log(sandbox, client, status):
    body = {"model": "gpt-image-2", "prompt": "A fox"}
    headers = {"x-sandbox-fault": f"redirect status={status}"}

    response = client.post("/images/generations", json=body, headers=headers)

    assert response.status_code == status
    assert response.headers["location"] == "/redirected"
    httpx.post(sandbox.base_url + response.headers["location"], json=body)
    assert [entry["path"] for entry in sandbox.entries()][1:] == ["/redirected"]


def test_continue_games_end_in_a_good_answer(raw, faulty, files_of):
    received = raw("continue_games", b"HTTP/1.1 200 OK")
    assert received.count(b"HTTP/1.1 100 Continue") == 3
    assert len(files_of(faulty("continue_games"))) == 1


def test_headers_come_twice_or_very_long(faulty):
    assert len(faulty("duplicate_headers").headers.get_list("x-request-id")) == 2
    assert len(faulty("long_header").headers["x-long"]) == 8192


def test_truncated_json_has_a_matching_length(faulty):
    response = faulty("truncated_json")

    assert int(response.headers["content-length"]) == len(response.content)
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_wrong_content_type_lies_about_a_good_body(faulty, files_of):
    response = faulty("wrong_content_type type=image/png")

    assert response.headers["content-type"] == "image/png"
    assert len(files_of(response)) == 1


def test_gzip_comes_unasked(faulty, files_of):
    response = faulty("gzip", headers={"accept-encoding": "identity"})

    assert response.headers["content-encoding"] == "gzip"
    assert len(files_of(response)) == 1


@pytest.mark.parametrize("marker", [name for name in FAULTS if name.startswith("base64")])
def test_bad_base64_is_refused_by_a_strict_reader(faulty, files_of, marker):
    with pytest.raises(binascii.Error):
        files_of(faulty(marker))


def test_a_tolerant_reader_finds_the_image_in_what_can_be_mended(faulty, opened):
    texts = [
        faulty(marker).json()["data"][0]["b64_json"]
        for marker in ("base64_white_space", "base64_data_uri", "base64_unpadded")
    ]
    for text in texts:
        pure = "".join(text.split()).rpartition(",")[2]
        padded = pure + "=" * (-len(pure) % 4)
        assert opened(base64.b64decode(padded, validate=True)).size == (816, 816)


@pytest.mark.parametrize(
    ("marker", "came", "different"),
    [
        ("no_images", 0, 0),
        ("fewer_images", 2, 2),
        ("fewer_images drop=2", 1, 1),
        ("more_images extra=2", 5, 5),
        ("duplicate_images", 3, 1),
    ],
)
def test_more_or_fewer_images_come_than_were_asked(faulty, files_of, marker, came, different):
    response = faulty(marker, n=3, quality="low")

    files = files_of(response)
    assert (len(files), len(set(files))) == (came, different)
    assert response.json()["usage"]["output_tokens"] == 3 * 171


def test_an_answer_may_hold_words_only_or_no_list(faulty):
    assert "b64_json" not in faulty("text_only").json()["data"][0]
    assert faulty("data_null").json()["data"] is None


def test_an_image_may_come_with_its_prompt_rewritten(faulty):
    image = faulty("revised_prompt").json()["data"][0]
    assert "rewritten" in image["revised_prompt"]
    assert image["b64_json"]


def test_the_answer_to_another_request_does_not_match(sandbox, faulty):
    response = faulty("other_request")

    assert response.headers["x-request-id"] != sandbox.entries()[0]["request_id"]
    assert response.json()["size"] != "816x816"


@pytest.mark.parametrize(("asked", "came"), [("png", "JPEG"), ("webp", "JPEG"), ("jpeg", "PNG")])
def test_the_format_may_be_another_than_declared(faulty, files_of, opened, asked, came):
    response = faulty("wrong_format", output_format=asked)

    assert response.json()["output_format"] == asked
    assert opened(files_of(response)[0]).format == came


@pytest.mark.parametrize(("marker", "image_format"), STRANGE_TYPES.items())
def test_an_animated_image_has_two_frames(faulty, files_of, opened, marker, image_format):
    image = opened(files_of(faulty(marker))[0])
    assert (image.format, image.n_frames, image.size) == (image_format, 2, (816, 816))


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_a_corrupt_image_cannot_be_loaded(faulty, files_of, opened, output_format):
    (file,) = files_of(faulty("corrupt_image", output_format=output_format))
    with pytest.raises((OSError, SyntaxError)):
        opened(file)


def test_a_bomb_is_small_on_the_wire_and_huge_unpacked(faulty, files_of, opened):
    (file,) = files_of(faulty("bomb"))
    assert len(file) < 100_000
    with pytest.raises(Image.DecompressionBombError):
        opened(file)


def test_a_small_bomb_is_a_valid_image(faulty, files_of, opened):
    assert opened(files_of(faulty("bomb side=100"))[0]).size == (100, 100)


@pytest.mark.parametrize(("marker", "start"), [("svg", b"<svg"), ("html_image", b"<!doctype")])
def test_markup_comes_in_place_of_an_image(faulty, files_of, opened, marker, start):
    (file,) = files_of(faulty(marker))
    assert file.startswith(start)
    with pytest.raises(UnidentifiedImageError):
        opened(file)


@pytest.mark.parametrize(
    ("marker", "is_as_expected"),
    [
        ("usage_negative", lambda count: count < 0),
        ("usage_huge", lambda count: count == 10**18),
        ("usage_text", lambda count: count == "many"),
        ("usage_nan", lambda count: count != count),
    ],
)
def test_usage_may_be_nonsense(faulty, marker, is_as_expected):
    usage = json.loads(faulty(marker).text)["usage"]
    assert is_as_expected(usage["output_tokens"])
    assert is_as_expected(usage["output_tokens_details"]["image_tokens"])


@pytest.mark.parametrize("stream", [True, False])
def test_usage_may_be_missing(faulty, stream):
    assert '"usage"' not in faulty("usage_missing", stream=stream).text


def test_faults_meet_streams_too(faulty):
    assert faulty("fewer_images", stream=True, n=3).text.count("completed\ndata") == 2


def test_a_header_asks_for_a_fault_as_a_marker_does(generate):
    headers = {"x-sandbox-fault": "rate_limit retry-after=7"}
    assert generate(headers=headers).headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("[[sandbox:rate_limt]]", "Unknown fault 'rate_limt'. Known: animated_gif, "),
        ("[[sandbox:]]", "cannot be read"),
        ("[[sandbox:hang", "ends with ]]"),
        ("[[sandbox:rate_limit after=7]]", "has no argument 'after'"),
        ("[[sandbox:fewer_images drop=one]]", "drop=one is not a number"),
        ("[[sandbox:fewer_images 1]]", "as name=value"),
        ("[[sandbox:slow latency=inf]]", "latency=inf is not a number of seconds"),
        ('[[sandbox:rate_limit retry-after="7]]', "cannot be read"),
        ("[[sandbox:hang]] [[sandbox:reset]]", "one fault only"),
    ],
)
def test_a_marker_that_cannot_be_obeyed_is_refused(sandbox, generate, prompt, reason):
    response = generate(prompt)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_value"
    assert reason in response.json()["error"]["message"]
    assert not sandbox.entries()[0]["billed"]


def test_a_latency_that_is_no_number_is_refused(generate):
    assert generate(headers={"x-sandbox-latency": "long"}).status_code == 400


def test_a_broken_rule_comes_before_the_fault(faulty):
    assert faulty("hang", n=11).status_code == 400
