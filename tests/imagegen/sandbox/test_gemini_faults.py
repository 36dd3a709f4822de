import base64

import pytest

from imagegen.sandbox.gemini_faults import REFUSALS

# Marker, HTTP status, Google's status, a part of the text, whether it is billed.
REFUSED = [
    ("bad_key", 400, "INVALID_ARGUMENT", "API key not valid.", False),
    ("verify", 403, "PERMISSION_DENIED", "may not use the model gemini-3.1-flash-image", False),
    ("leaked_key", 403, "PERMISSION_DENIED", "reported as leaked", False),
    ("location", 400, "FAILED_PRECONDITION", "User location is not supported", False),
    ("billing_stop", 400, "FAILED_PRECONDITION", "Billing is not enabled", False),
    ("rate_limit", 429, "RESOURCE_EXHAUSTED", "Please retry in 41s.", False),
    ("rate_limit_bare", 429, "RESOURCE_EXHAUSTED", "limit: 10", False),
    ("quota", 429, "RESOURCE_EXHAUSTED", "limit: 250", False),
    ("quota_zero", 429, "RESOURCE_EXHAUSTED", "limit: 0", False),
    ("spend_cap", 429, "RESOURCE_EXHAUSTED", "monthly spending cap", False),
    ("model_gone", 404, "NOT_FOUND", "is not found for API version v1beta1", False),
    ("model_gone words=2", 404, "NOT_FOUND", "is no longer available. Please update", False),
    ("invalid_option", 400, "INVALID_ARGUMENT", "image_config.aspect_ratio: ", False),
    ("invalid_option param=seed", 400, "INVALID_ARGUMENT", "generation_config.seed: ", False),
    ("server_error", 500, "INTERNAL", "internal error", True),
    ("server_error status=502", 502, "UNAVAILABLE", "", True),
    ("server_error status=503", 503, "UNAVAILABLE", "overloaded", True),
    ("server_error status=504", 504, "DEADLINE_EXCEEDED", "timed out", True),
    ("server_error status=529", 529, "INTERNAL", "", True),
    ("unavailable_once", 503, "UNAVAILABLE", "overloaded", True),
]
# Marker, what the answer's only candidate holds, whether it is billed.
WITHHELD = [
    ("moderation_output", {"content": {}, "finishReason": "IMAGE_SAFETY"}),
    (
        "moderation_output reason=IMAGE_RECITATION",
        {"content": {}, "finishReason": "IMAGE_RECITATION"},
    ),
    *(
        (f"no_image reason={reason}", {"finishReason": reason})
        for reason in ("NO_IMAGE", "IMAGE_OTHER", "OTHER", "MALFORMED_RESPONSE")
    ),
    ("no_image", {"finishReason": "NO_IMAGE"}),
    ("max_tokens", {"finishReason": "MAX_TOKENS"}),
]
CHANGED_ANSWERS = {
    *("moderation_input", "error_200", "model_alive", "text_only", "image_after_text", "thoughts"),
    *("lying_mime", "snake_case", "details_missing", "text_tokens", "data_null", "other_request"),
}


@pytest.fixture
def faulty(gemini):
    def faulty(marker, **fields):
        return gemini(f"A fox [[sandbox:{marker}]]", **fields)

    return faulty


def detail_of(response, kind):
    details = response.json()["error"].get("details", [])
    return next((one for one in details if one["@type"].endswith(f".{kind}")), None)


@pytest.mark.parametrize(("marker", "status", "name", "text", "billed"), REFUSED)
def test_a_refusal_has_its_words_and_is_billed_or_not(
    sandbox, faulty, marker, status, name, text, billed
):
    response = faulty(marker)

    error = response.json()["error"]
    (entry,) = sandbox.entries()
    assert (response.status_code, error["code"], error["status"]) == (status, status, name)
    assert text in error["message"]
    assert (entry["status"], entry["billed"], entry["fault"]) == (status, billed, marker)
    assert "x-request-id" not in response.headers


@pytest.mark.parametrize("marker", [*(row[0] for row in REFUSED), "error_200"])
def test_every_refusal_can_come_in_a_list_of_one(faulty, marker):
    (wrapped,) = faulty(f"{marker} wrapped=1").json()
    assert set(wrapped["error"]) >= {"code", "message", "status"}


def test_every_fault_is_tested():
    tested = {marker.partition(" ")[0] for marker, *_ in REFUSED + WITHHELD}
    assert set(REFUSALS) - tested == CHANGED_ANSWERS


def test_a_leaked_key_has_its_reason(faulty):
    assert detail_of(faulty("leaked_key"), "ErrorInfo")["reason"] == "API_KEY_SERVICE_BLOCKED"


@pytest.mark.parametrize(
    ("marker", "quota", "value"),
    [
        ("rate_limit", "PerMinute", "10"),
        ("rate_limit_bare", "PerMinute", "10"),
        ("quota", "PerDay", "250"),
        ("quota_zero", "PerMinute", None),
    ],
)
def test_an_exhausted_quota_is_named(faulty, marker, quota, value):
    (violation,) = detail_of(faulty(marker), "QuotaFailure")["violations"]

    assert quota in violation["quotaId"]
    assert violation["quotaDimensions"]["model"] == "gemini-3.1-flash-image"
    assert violation.get("quotaValue") == value


@pytest.mark.parametrize(
    ("marker", "delay"),
    [("rate_limit", "41s"), ("rate_limit delay=0.5s", "0.5s"), ("quota", "41s")],
)
def test_a_rate_limit_says_in_its_body_when_to_retry(faulty, marker, delay):
    response = faulty(marker)

    assert detail_of(response, "RetryInfo")["retryDelay"] == delay
    assert "retry-after" not in response.headers


def test_a_rate_limit_may_say_it_in_a_header_or_not_at_all(faulty):
    bare = faulty("rate_limit_bare retry-after=7")

    assert detail_of(bare, "RetryInfo") is None
    assert "retry in" not in bare.json()["error"]["message"]
    assert bare.headers["retry-after"] == "7"
    assert detail_of(faulty("rate_limit_bare delay=3s"), "RetryInfo")["retryDelay"] == "3s"


def test_what_is_unavailable_once_is_well_the_second_time(faulty):
    assert [faulty("unavailable_once").status_code for _ in range(2)] == [503, 200]


def test_an_error_can_come_with_200(sandbox, faulty):
    response = faulty("error_200")

    assert response.status_code == 200
    assert response.json()["error"]["status"] == "INTERNAL"
    assert sandbox.entries()[0]["billed"]


@pytest.mark.parametrize(
    "reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"]
)
def test_a_blocked_prompt_has_no_candidates(sandbox, faulty, reason):
    response = faulty(f"moderation_input reason={reason}")

    answer = response.json()
    assert response.status_code == 200
    assert "candidates" not in answer
    assert answer["promptFeedback"] == {"blockReason": reason}
    assert answer["usageMetadata"]["totalTokenCount"] == answer["usageMetadata"]["promptTokenCount"]
    assert not sandbox.entries()[0]["billed"]


@pytest.mark.parametrize(("marker", "content"), WITHHELD)
def test_a_withheld_image_leaves_its_reason(sandbox, faulty, marker, content):
    response = faulty(marker)

    answer = response.json()
    (candidate,) = answer["candidates"]
    assert response.status_code == 200
    assert candidate.pop("finishMessage")
    assert candidate == {**content, "index": 0}
    assert answer["usageMetadata"]["promptTokenCount"] > 0
    assert answer["responseId"] == sandbox.entries()[0]["request_id"]
    assert sandbox.entries()[0]["billed"]


def test_a_model_may_answer_in_words(faulty, parts_of):
    response = faulty("text_only text='I cannot draw that.'")

    (candidate,) = response.json()["candidates"]
    usage = response.json()["usageMetadata"]
    assert candidate["finishReason"] == "STOP"
    assert parts_of(response) == [{"text": "I cannot draw that."}]
    assert usage["candidatesTokensDetails"] == [{"modality": "TEXT", "tokenCount": 5}]
    assert "text" in parts_of(faulty("text_only"))[0]


def test_words_may_come_first_though_only_an_image_was_asked(faulty, parts_of):
    assert [min(part) for part in parts_of(faulty("image_after_text"))] == ["text", "inlineData"]


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "gemini-nano-banana-2.1"])
def test_thoughts_come_before_the_signed_image(faulty, parts_of, images_of, opened, model):
    response = faulty("thoughts", model=model, config={"responseModalities": ["IMAGE"]})

    words, sketch, image = parts_of(response)
    assert (words["thought"], sketch["thought"]) == (True, True)
    assert "text" in words
    assert opened(base64.b64decode(sketch["inlineData"]["data"])).size == (1024, 1024)
    assert "thought" not in image
    assert image["thoughtSignature"]
    assert len(images_of(response)) == 1
    assert response.json()["usageMetadata"]["thoughtsTokenCount"] > 0


@pytest.mark.parametrize(
    ("model", "declared", "real"),
    [
        ("gemini-2.5-flash-image", "image/jpeg", "PNG"),
        ("gemini-nano-banana-2.1", "image/png", "JPEG"),
    ],
)
def test_the_declared_type_can_lie(faulty, parts_of, images_of, opened, model, declared, real):
    response = faulty("lying_mime", model=model, config={"responseModalities": ["TEXT", "IMAGE"]})

    assert parts_of(response)[1]["inlineData"]["mimeType"] == declared
    assert opened(images_of(response)[0]).format == real


def test_parts_can_come_in_snake_case(faulty, parts_of, opened):
    words, image = parts_of(faulty("snake_case", config={"imageConfig": {"imageSize": "512"}}))

    assert set(words) == {"text"}
    assert set(image) == {"inline_data"}
    assert image["inline_data"]["mime_type"] == "image/jpeg"
    assert opened(base64.b64decode(image["inline_data"]["data"])).size == (512, 512)


def test_tokens_can_come_without_their_modality(faulty):
    usage = faulty("details_missing").json()["usageMetadata"]

    assert "candidatesTokensDetails" not in usage
    assert usage["candidatesTokenCount"] == 747


def test_more_tokens_can_be_counted_than_are_itemised(faulty):
    usage = faulty("text_tokens tokens=20").json()["usageMetadata"]

    itemised = sum(one["tokenCount"] for one in usage["candidatesTokensDetails"])
    parts = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    assert usage["candidatesTokenCount"] == itemised + 20
    assert usage["totalTokenCount"] == sum(usage[name] for name in parts)


def test_the_candidates_can_be_null(faulty):
    assert faulty("data_null").json()["candidates"] is None


def test_the_answer_to_another_request_does_not_match(sandbox, faulty):
    answer = faulty("other_request").json()

    assert answer["modelVersion"] != "gemini-3.1-flash-image"
    assert answer["responseId"] != sandbox.entries()[0]["request_id"]
