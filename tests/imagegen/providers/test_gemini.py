import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen import catalogue
from imagegen.choices import validate
from imagegen.errors import Fault
from imagegen.outcomes import Outcome
from imagegen.providers import gemini, registry
from imagegen.providers.contract import Blob, Picture, Refusal, Result, Usage
from tests.imagegen.providers.bodies import HTML, Document, any_body, body, recorded

RATIOS = catalogue.get("gemini-2.5-flash-image").settings["image_size"].values
PROMPT_TOKENS = {"promptTokenCount": 10, "totalTokenCount": 10}


def parsed(status, content, headers=None):
    return gemini.parse(status, headers or {}, body(content))


def answer(*parts, reason="STOP", **beside):
    """One candidate with these parts."""
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": reason}
    return {"candidates": [candidate], "usageMetadata": PROMPT_TOKENS} | beside


def image(base64="aGk=", mime="image/png", **beside):
    return {"inlineData": {"mimeType": mime, "data": base64}} | beside


def error(code, message="No.", *details, status="INVALID_ARGUMENT"):
    return {"error": {"code": code, "message": message, "status": status, "details": [*details]}}


def asked(model="gemini-2.5-flash-image", ratio="1:1"):
    return validate({"model": model, "by_provider": {"gemini": {"image_size": ratio}}})


# The request


@pytest.mark.parametrize(
    ("model", "base_url", "path"),
    [
        (
            "gemini-2.5-flash-image",
            "https://aiplatform.googleapis.com/v1beta1/publishers/google",
            "/models/gemini-2.5-flash-image:generateContent",
        ),
        (
            "gemini-nano-banana-2.1",
            "https://generativelanguage.googleapis.com/v1beta/",
            "/models/gemini-nano-banana-2.1:generateContent",
        ),
    ],
)
def test_the_request_goes_to_the_base_url_with_the_key_in_a_header(model, base_url, path):
    request = gemini.request(asked(model), "a cat", "AIza-test", base_url)
    assert request.url == base_url.rstrip("/") + path
    assert request.headers == {
        "x-goog-api-key": "AIza-test",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "FetchHive/0.1",
    }
    assert "AIza-test" not in repr(request)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(
    ("model", "more"),
    [("gemini-2.5-flash-image", {}), ("gemini-nano-banana-2.1", {"imageSize": "1K"})],
)
def test_the_body_holds_the_prompt_the_ratio_and_what_the_record_fixes(model, more, ratio):
    request = gemini.request(asked(model, ratio), "a cat", "AIza-test", "http://127.0.0.1:9/v1beta")
    assert request.body == {
        "contents": [{"role": "user", "parts": [{"text": "a cat"}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": ratio, **more},
        },
    }


def test_the_ratio_is_called_on_the_wire_what_its_record_says():
    setting = catalogue.get("gemini-2.5-flash-image").settings["image_size"]
    assert setting.parameter == "aspectRatio"


def test_the_registry_knows_the_provider():
    assert registry.get("gemini").label == "Google Gemini"


# Images


def test_an_image_after_words_is_found_and_everything_is_read():
    assert parsed(200, recorded("gemini_image")) == Result(
        pictures=(Picture("iVBORw0KGgo="),),
        usage=Usage(text_in=10, image_out=1290, text_out=5),
        returned={"model": "gemini-2.5-flash-image"},
        request_id="mJkdaYv2LP6Dz7IP",
    )


def test_drafts_of_a_model_that_thinks_are_passed_over_and_its_thoughts_counted():
    assert parsed(200, recorded("gemini_after_thinking")) == Result(
        pictures=(Picture("/9j/4AAQSkZJRg=="),),
        usage=Usage(text_in=12, image_out=1120, text_out=243),
        returned={"model": "gemini-nano-banana-2.1"},
        request_id="q3UeaZ7ULbCt",
    )


def test_names_in_snake_case_are_read_too():
    said = {
        "candidates": [
            {"content": {"parts": [{"inline_data": {"mime_type": "image/png", "data": "aGk="}}]}}
        ],
        "usage_metadata": {"prompt_token_count": 3, "candidates_token_count": 1290},
        "model_version": "m",
        "response_id": "r",
    }
    usage = Usage(text_in=3, image_out=1290)
    assert parsed(200, said) == Result((Picture("aGk="),), usage, {"model": "m"}, "r")


def test_a_long_image_is_left_in_its_place():
    place = Blob(21, 4_000_021)
    long = Document(b"{", answer({"inlineData": {"data": place}, "thoughtSignature": Blob(1, 2)}))
    assert gemini.parse(200, {}, long).pictures == (Picture(place),)


def test_images_of_all_candidates_are_kept():
    two = [*answer(image("b25l"))["candidates"], *answer(image("dHdv"))["candidates"]]
    assert parsed(200, {"candidates": two}).pictures == (Picture("b25l"), Picture("dHdv"))


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([image(mime="application/json"), image("b25l")], ["b25l"]),
        ([image(mime="text/plain"), {"inlineData": {"data": "b25l"}}], ["b25l"]),
        ([{"inlineData": {"data": "b25l"}}, image("dHdv")], ["b25l", "dHdv"]),
        ([image("b25l", mime="IMAGE/JPEG")], ["b25l"]),
        ([image("b25l", mime="application/octet-stream")], ["b25l"]),
        ([image("b25l", mime=7)], ["b25l"]),
        ([image(""), image("b25l", mime="text/plain")], ["b25l"]),
        ([image(thought=True), image("b25l", thought=False)], ["b25l"]),
        ([None, 7, {}, {"inlineData": None}, image({"start": 0}), image("b25l")], ["b25l"]),
    ],
)
def test_the_declared_type_only_serves_to_choose(parts, kept):
    assert parsed(200, answer(*parts)).pictures == tuple(map(Picture, kept))


def test_an_image_counts_whatever_the_reason_to_finish():
    assert parsed(200, answer(image(), reason="IMAGE_SAFETY")).pictures == (Picture("aGk="),)


def counted(**changes):
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 1300, **changes}
    return parsed(200, answer(image(), usageMetadata=usage)).usage


def of_images(count, **beside):
    return [{"modality": "IMAGE", "tokenCount": count} | beside]


@pytest.mark.parametrize(
    ("changes", "usage"),
    [
        ({}, Usage(9, 0, 1300, 0)),
        ({"candidatesTokensDetails": []}, Usage(9, 0, 1300, 0)),
        ({"candidatesTokensDetails": of_images(1290)}, Usage(9, 0, 1290, 10)),
        ({"candidatesTokensDetails": of_images(1290) + of_images(5)}, Usage(9, 0, 1295, 5)),
        ({"thoughtsTokenCount": 40}, Usage(9, 0, 1300, 40)),
        (
            {"candidatesTokensDetails": of_images(1290), "thoughtsTokenCount": 40},
            Usage(9, 0, 1290, 50),
        ),
    ],
)
def test_what_is_not_of_images_is_of_words(changes, usage):
    assert counted(**changes) == usage


@pytest.mark.parametrize(
    "changes",
    [
        {"promptTokenCount": None},
        {"promptTokenCount": -1},
        {"promptTokenCount": "9"},
        {"promptTokenCount": True},
        {"promptTokenCount": 9.0},
        {"promptTokenCount": 10_000_001},
        {"candidatesTokenCount": 0},
        {"candidatesTokenCount": -1},
        {"candidatesTokenCount": "1290"},
        {"thoughtsTokenCount": -1},
        {"thoughtsTokenCount": float("nan")},
        {"candidatesTokensDetails": of_images(0)},
        {"candidatesTokensDetails": of_images(1301)},
        {"candidatesTokensDetails": of_images("1290")},
        {"candidatesTokensDetails": of_images(1290, modality=None)},
        {"candidatesTokensDetails": of_images(1290, modality="TEXT")},
        {"candidatesTokensDetails": "many"},
    ],
)
def test_a_usage_that_cannot_be_true_is_unknown(changes):
    assert counted(**changes) is None


@pytest.mark.parametrize("usage", [None, {}, "free", []])
def test_an_answer_needs_nothing_but_an_image(usage):
    said = answer(image(), usageMetadata=usage)
    assert parsed(200, said) == Result((Picture("aGk="),), usage=None, returned={})


# Answers in order without an image

OTHER_REASONS = [
    *("NO_IMAGE", "IMAGE_OTHER", "OTHER", "MALFORMED_RESPONSE", "LANGUAGE", "SURPRISE"),
    *("FINISH_REASON_UNSPECIFIED", "", None, 7),
]


@pytest.mark.parametrize(
    "reason",
    [
        *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "SAFETY", "SPII"),
        *("PROHIBITED_CONTENT", "BLOCKLIST", "RECITATION", "MODEL_ARMOR"),
    ],
)
def test_an_image_that_was_withheld_says_why(reason):
    refusal = parsed(200, answer(reason=reason))
    assert (refusal.fault, refusal.detail) == (Fault.WITHHELD, reason)
    with_words = parsed(200, answer({"text": "Sorry."}, reason=reason.lower()))
    assert (with_words.fault, with_words.said) == (Fault.WITHHELD, "Sorry.")


@pytest.mark.parametrize(
    "reason",
    ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK", "NEW"],
)
def test_a_prompt_that_was_blocked_is_not_billed(reason):
    refusal = parsed(200, {"promptFeedback": {"blockReason": reason}})
    assert (refusal.fault, refusal.detail) == (Fault.MODERATION_BLOCKED, reason)


def test_what_was_withheld_was_billed_whatever_is_said_of_the_prompt():
    said = answer(reason="IMAGE_SAFETY", promptFeedback={"blockReason": "SAFETY"})
    assert parsed(200, said).fault is Fault.WITHHELD


@pytest.mark.parametrize("reason", OTHER_REASONS)
def test_no_image_for_another_reason_is_no_image(reason):
    assert parsed(200, answer(reason=reason)).fault is Fault.NO_IMAGE


@pytest.mark.parametrize("reason", ["NO_IMAGE", "IMAGE_OTHER", "OTHER", "SURPRISE"])
def test_words_with_a_reason_of_their_own_are_only_quoted(reason):
    refusal = parsed(200, answer({"text": "I could not."}, reason=reason))
    assert (refusal.fault, refusal.said) == (Fault.NO_IMAGE, "I could not.")


def test_words_in_place_of_an_image_are_shown():
    refusal = parsed(200, recorded("gemini_words"))
    text = "I can describe the bottle, but what size is it?"
    assert refusal == Refusal(
        Fault.ANSWERED_IN_WORDS,
        said=text,
        detail=text,
        request_id="w0RdS",
        usage=Usage(text_in=10, text_out=14),
    )
    refusal = parsed(200, answer({"text": "one\n"}, {"text": "x" * 400}))
    assert (refusal.detail, len(refusal.said)) == ("one " + "x" * 145 + "…", 300)


@pytest.mark.parametrize(
    "parts", [[], [{"text": " \n"}], [{"text": "Let me think.", "thought": True}], [{"text": 7}]]
)
def test_an_end_without_words_or_image_is_no_image(parts):
    assert parsed(200, answer(*parts)).fault is Fault.NO_IMAGE


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({}, Fault.NO_IMAGE),
        ({"candidates": []}, Fault.NO_IMAGE),
        ({"candidates": [{}]}, Fault.NO_IMAGE),
        ({"candidates": [{"finishReason": "STOP"}]}, Fault.NO_IMAGE),
        ({"candidates": "none", "promptFeedback": {}}, Fault.NO_IMAGE),
        ({"promptFeedback": {"safetyRatings": []}}, Fault.NO_IMAGE),
        (answer(image(thought=True)), Fault.NO_IMAGE),
        (answer({"fileData": {"fileUri": "https://elsewhere"}}), Fault.NO_IMAGE),
        (answer({"text": "And so"}, reason="MAX_TOKENS"), Fault.ANSWER_UNREADABLE),
        (answer(reason="MAX_TOKENS"), Fault.ANSWER_UNREADABLE),
        (b"", Fault.NO_IMAGE),
        (b"[]", Fault.ANSWER_UNREADABLE),
        (b"[[]]", Fault.ANSWER_UNREADABLE),
        (b'{"candidates": [', Fault.ANSWER_UNREADABLE),
        (HTML, Fault.ANSWER_UNEXPECTED),
        # An error in a 200 is what it would have been, when that is known to be unbilled.
        (recorded("gemini_key_invalid"), Fault.KEY_REFUSED_HOSTED),
        (recorded("gemini_busy"), Fault.RATE_LIMITED),
        (error(400), Fault.INVALID_SETTING),
        (error(404, "models/x is not found for API version v1beta"), Fault.MODEL_RETIRED),
        (error(500), Fault.NO_IMAGE),
        (error(503, "The model is overloaded."), Fault.NO_IMAGE),
        (error(None), Fault.NO_IMAGE),
        (answer({"text": "Oh."}, **error(500)), Fault.NO_IMAGE),
    ],
)
def test_every_answer_without_an_image_is_told_apart(content, fault):
    assert parsed(200, content).fault is fault


def test_what_was_used_up_without_an_image_is_named():
    assert parsed(200, recorded("gemini_prompt_blocked")) == Refusal(
        Fault.MODERATION_BLOCKED,
        detail="PROHIBITED_CONTENT",
        request_id="bL0ck",
        usage=Usage(text_in=10),
    )
    assert parsed(200, recorded("gemini_withheld")) == Refusal(
        Fault.WITHHELD,
        said="Unable to show the generated image. Try rephrasing the prompt.",
        detail="IMAGE_SAFETY",
        request_id="s4feTy",
        usage=Usage(text_in=10),
    )
    usage = PROMPT_TOKENS | {"candidatesTokenCount": 1290}
    assert parsed(200, answer(reason="IMAGE_SAFETY", usageMetadata=usage)).usage == Usage(
        text_in=10, image_out=1290
    )
    assert parsed(200, answer(usageMetadata={"promptTokenCount": "10"})).usage is None


# Errors

NO_CALLER = "Method doesn't allow unregistered callers (callers without established identity)."
LEAKED = "Your API key was reported as leaked. Please use another API key."
NOT_FOUND = (
    "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent."
)
GONE = "This model models/gemini-9 is no longer available. Please update your code."
CLOUD_GONE = "Publisher Model `publishers/google/models/gemini-9` was not found."
QUOTA = "You exceeded your current quota, please check your plan and billing details."
FREE = f"{QUOTA} * Quota exceeded for metric: free_tier_requests, limit: 0, model: gemini"
SPEND_CAP = "Your project has exceeded its monthly spending cap."
PREPAID = "Your prepayment credits are depleted. Please go to AI Studio."
RATIO = (
    "* GenerateContentRequest.generation_config.image_config.aspect_ratio: aspect_ratio must be"
    " one of '1:1', '2:3'"
)


def reason(name):
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": name}


def quota(**violation):
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}


def retry_in(delay):
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


def exhausted(message=QUOTA, *details):
    return error(429, message, *details, status="RESOURCE_EXHAUSTED")


def denied(message="The caller does not have permission", *details):
    return error(403, message, *details, status="PERMISSION_DENIED")


def precondition(message):
    return error(400, message, status="FAILED_PRECONDITION")


@pytest.mark.parametrize(
    ("status", "content", "fault"),
    [
        # Keys: a bad one is 400
        (400, recorded("gemini_key_invalid"), Fault.KEY_REFUSED_HOSTED),
        (400, [recorded("gemini_key_invalid")], Fault.KEY_REFUSED_HOSTED),
        (400, error(400, "", reason("API_KEY_INVALID")), Fault.KEY_REFUSED_HOSTED),
        (400, error(400, "API key not valid. Please pass a key."), Fault.KEY_REFUSED_HOSTED),
        (400, error(400, "API key expired. Please renew it."), Fault.KEY_REFUSED_HOSTED),
        (401, error(401, status="UNAUTHENTICATED"), Fault.KEY_REFUSED_HOSTED),
        (403, denied(NO_CALLER), Fault.KEY_REFUSED_HOSTED),
        (403, denied(LEAKED), Fault.KEY_REFUSED_HOSTED),
        (403, denied("Blocked.", reason("API_KEY_SERVICE_BLOCKED")), Fault.KEY_REFUSED_HOSTED),
        # Accounts
        (403, denied(), Fault.FORBIDDEN),
        (403, denied("Not used before.", reason("SERVICE_DISABLED")), Fault.FORBIDDEN),
        (403, b"", Fault.FORBIDDEN),
        (400, precondition("User location is not supported for the API use."), Fault.FORBIDDEN),
        # Money
        (400, precondition("Please enable billing on your project."), Fault.OUT_OF_CREDIT_HOSTED),
        (403, denied("This API method requires billing."), Fault.OUT_OF_CREDIT_HOSTED),
        (402, error(402, PREPAID), Fault.OUT_OF_CREDIT_HOSTED),
        (429, exhausted(FREE), Fault.OUT_OF_CREDIT_HOSTED),
        (429, [exhausted(FREE)], Fault.OUT_OF_CREDIT_HOSTED),
        (429, exhausted(FREE, retry_in("41s")), Fault.OUT_OF_CREDIT_HOSTED),
        (429, exhausted(SPEND_CAP), Fault.OUT_OF_CREDIT_HOSTED),
        (429, exhausted("The spend cap of tier 1 is reached."), Fault.OUT_OF_CREDIT_HOSTED),
        (429, exhausted(PREPAID), Fault.OUT_OF_CREDIT_HOSTED),
        (
            429,
            exhausted(QUOTA, quota(quotaId="GenerateRequestsPerDayPerProjectPerModel")),
            Fault.OUT_OF_CREDIT_HOSTED,
        ),
        (
            429,
            exhausted(QUOTA, quota(quotaId="PerMinute"), quota(quotaValue="0"), retry_in("9s")),
            Fault.OUT_OF_CREDIT_HOSTED,
        ),
        # Rate limits
        (429, recorded("gemini_busy"), Fault.RATE_LIMITED),
        (429, exhausted("Resource exhausted. Please try again later."), Fault.RATE_LIMITED),
        (429, exhausted(f"{QUOTA} limit: 10, model: x"), Fault.RATE_LIMITED),
        (429, exhausted(f"{QUOTA} limit: 0.5, model: x"), Fault.RATE_LIMITED),
        (429, b"", Fault.RATE_LIMITED),
        (429, HTML, Fault.RATE_LIMITED),
        # Model and address
        (404, error(404, NOT_FOUND, status="NOT_FOUND"), Fault.MODEL_RETIRED),
        (404, [error(404, NOT_FOUND, status="NOT_FOUND")], Fault.MODEL_RETIRED),
        (404, error(404, GONE, status="NOT_FOUND"), Fault.MODEL_RETIRED),
        (404, error(404, CLOUD_GONE, status="NOT_FOUND"), Fault.MODEL_RETIRED),
        (404, error(404, "Requested entity was not found."), Fault.ADDRESS_UNKNOWN),
        (404, {}, Fault.ADDRESS_UNKNOWN),
        (404, b"", Fault.ADDRESS_UNKNOWN),
        (404, HTML, Fault.ANSWER_UNEXPECTED),
        # Settings
        (400, error(400, RATIO), Fault.INVALID_SETTING),
        (400, error(400, "Multiple candidates is not enabled."), Fault.INVALID_SETTING),
        (400, precondition("Precondition check failed."), Fault.INVALID_SETTING),
        (400, error(400, "Invalid value at 'location'."), Fault.INVALID_SETTING),
        (400, {"error": "No."}, Fault.INVALID_SETTING),
        (400, {}, Fault.INVALID_SETTING),
        (413, b"", Fault.INVALID_SETTING),
        # The provider's own trouble, and answers that leave it open whether it was billed
        (408, error(408), Fault.PROVIDER_ERROR),
        (409, error(409, status="ABORTED"), Fault.PROVIDER_ERROR),
        (499, error(499, status="CANCELLED"), Fault.ANSWER_UNEXPECTED),
        (500, error(500, status="INTERNAL"), Fault.PROVIDER_ERROR),
        (502, HTML, Fault.PROVIDER_ERROR),
        (503, error(503, "The model is overloaded.", status="UNAVAILABLE"), Fault.PROVIDER_ERROR),
        (503, [exhausted(FREE)], Fault.PROVIDER_ERROR),
        (504, error(504, status="DEADLINE_EXCEEDED"), Fault.PROVIDER_ERROR),
        # Somebody else's answer
        (302, b"", Fault.REDIRECTED),
        (403, HTML, Fault.ANSWER_UNEXPECTED),
        (400, HTML, Fault.ANSWER_UNEXPECTED),
    ],
)
def test_every_error_is_told_apart(status, content, fault):
    refusal = parsed(status, content)
    assert isinstance(refusal, Refusal)
    assert refusal.fault is fault


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529, 408, 409, 425])
@pytest.mark.parametrize("message", ["API key not valid.", NOT_FOUND, FREE, "billing"])
def test_no_error_of_the_provider_is_ever_called_unbilled(status, message):
    refusal = parsed(status, error(400, message, reason("API_KEY_INVALID")))
    assert refusal.fault.outcome is Outcome.UNKNOWN
    assert refusal.detail == f"HTTP {status}"


@pytest.mark.parametrize(
    ("delays", "seconds"),
    [
        (["41s"], 41),
        (["1.5s"], 1.5),
        (["0s"], 0),
        (["soon", "9s"], 9),
        (["200000s"], 86_400),
        (["soon"], 7),
        ([None], 7),
        ([], 7),
    ],
)
def test_a_provider_that_is_busy_says_how_long(delays, seconds):
    busy = exhausted(QUOTA, *map(retry_in, delays))
    assert parsed(429, busy, {"Retry-After": "7"}).retry_after == seconds
    assert parsed(503, busy, {"Retry-After": "7"}).retry_after is None


def test_a_refused_ratio_is_named_as_we_name_it():
    assert parsed(400, error(400, RATIO)).detail == "image_size"
    assert parsed(400, error(400, "Aspect ratio is not enabled.")).detail == "image_size"
    assert parsed(400, error(400, "`aspectRatio` does not support `7:1`.")).detail == "image_size"
    assert parsed(400, error(400, "Unknown name 'imageSize'.")).detail == ""


def test_the_words_of_the_provider_are_quoted_without_the_key():
    suspended = denied("Permission denied: Consumer 'api_key:AIzaSyA-123_4' has been suspended.")
    assert parsed(403, suspended).said == (
        "Permission denied: Consumer 'api_key:[key]' has been suspended."
    )


def test_an_error_is_found_by_the_id_in_its_header():
    assert parsed(500, error(500), {"X-Goog-Request-Id": "goog_1"}).request_id == "goog_1"


@given(
    status=st.integers(100, 599),
    content=any_body(
        *("error", "code", "message", "details", "retryDelay", "candidates", "content", "parts"),
        *("inlineData", "data", "text", "finishReason", "usageMetadata", "promptTokenCount"),
    ),
    wait=st.text(max_size=20),
)
def test_no_answer_whatever_is_a_bug(status, content, wait):
    headers = {"Retry-After": wait, "Date": wait, "x-goog-request-id": wait}
    assert isinstance(gemini.parse(status, headers, body(content)), Result | Refusal)
