import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.choices import validate
from imagegen.errors import Fault
from imagegen.outcomes import Outcome
from imagegen.providers import registry, xai
from imagegen.providers.contract import Blob, Picture, Refusal, Result, Usage
from tests.imagegen.providers.bodies import HTML, Document, any_body, body, recorded


def parsed(status, content, headers=None):
    return xai.parse(status, headers or {}, body(content))


def answer(**changes):
    return recorded("xai_two_images") | changes


def error(text, code="invalid-argument", **beside):
    return {"code": code, "error": text} | beside


def cost(ticks):
    return {"usage": {"cost_in_usd_ticks": ticks}}


def asked(model="grok-imagine-image", count=1):
    return validate({"model": model, "image_count": count})


# The request


def test_the_request_goes_to_the_base_url_with_the_key():
    request = xai.request(asked(), "a cat", "xai-test", "https://api.x.ai/v1/")
    assert request.url == "https://api.x.ai/v1/images/generations"
    assert request.headers == {
        "Authorization": "Bearer xai-test",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "FetchHive/0.1",
    }
    assert "xai-test" not in repr(request)


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("grok-imagine-image", {}),
        ("grok-imagine-image-quality", {}),
        ("grok-imagine-image-2.0", {"quality": "low"}),
    ],
)
def test_the_body_holds_the_prompt_the_count_and_what_the_record_fixes(model, more):
    request = xai.request(asked(model, 3), "a cat", "xai-test", "http://127.0.0.1:9/xai/v1")
    assert request.url == "http://127.0.0.1:9/xai/v1/images/generations"
    assert request.body == {
        "model": model,
        "prompt": "a cat",
        "n": 3,
        "aspect_ratio": "1:1",
        "resolution": "1k",
        "response_format": "b64_json",
        **more,
    }


def test_the_registry_knows_the_provider():
    assert registry.get("xai").label == "xAI"


# Images


def test_an_answer_with_images_is_read_whole():
    assert parsed(200, answer(), {"X-Request-Id": "req_1"}) == Result(
        pictures=(Picture("/9j/4AAQSkZJRg=="), Picture("/9j/4AAQSkZJRh==")),
        usage=Usage(),
        returned={},
        request_id="req_1",
        provider_ticks=400_000_000,
    )


def test_the_model_that_served_and_its_tokens_are_named():
    result = parsed(200, recorded("xai_served_by_2_0"))
    assert result.returned == {"model": "grok-imagine-image-2.0"}
    assert result.usage == Usage(text_in=212, text_out=96)
    assert result.provider_ticks == 400_000_000


def test_a_long_image_is_left_in_its_place():
    place = Blob(21, 4_000_021)
    long = Document(b"{", {"data": [{"b64_json": place}]})
    assert xai.parse(200, {}, long).pictures == (Picture(place),)


def test_a_data_uri_is_left_to_the_decoder():
    data_uri = "data:image/jpeg;base64,/9j/4AAQ"
    assert parsed(200, {"data": [{"b64_json": data_uri}]}).pictures == (Picture(data_uri),)


@pytest.mark.parametrize(
    "missing",
    [
        None,
        7,
        {},
        {"b64_json": ""},
        {"b64_json": None, "respect_moderation": False},
        {"url": "https://imgen.x.ai/xai-tmp-1.jpeg"},
        {"b64_json": {"start": 0, "end": 9}},
    ],
)
def test_when_images_are_missing_those_that_came_are_kept(missing):
    result = parsed(200, answer(data=[missing, {"b64_json": "aGk="}]))
    assert result.pictures == (Picture("aGk="),)
    assert result.provider_ticks == 400_000_000


@pytest.mark.parametrize("ticks", [0, 1, 200_000_000, 10**13])
def test_a_cost_that_can_be_true_is_kept(ticks):
    result = parsed(200, answer(**cost(ticks)))
    assert (result.provider_ticks, result.usage) == (ticks, Usage())


@pytest.mark.parametrize(
    "ticks",
    [None, True, "200000000", 2e8, 0.5, float("nan"), float("inf"), -1, 10**13 + 1, [1], {}],
)
def test_a_cost_that_cannot_be_true_is_unknown(ticks):
    result = parsed(200, answer(**cost(ticks)))
    assert len(result.pictures) == 2
    assert (result.provider_ticks, result.usage) == (None, None)


@pytest.mark.parametrize("usage", [None, {}, "free", [], {"input_tokens": 3}])
def test_a_usage_without_cost_is_unknown(usage):
    result = parsed(200, answer(usage=usage))
    assert (len(result.pictures), result.usage) == (2, None)


@pytest.mark.parametrize("tokens", [None, -1, "9", True, 9.0, 10_000_001])
def test_odd_tokens_spoil_nothing(tokens):
    usage = {"cost_in_usd_ticks": 5, "input_tokens": tokens, "output_tokens": 4}
    assert parsed(200, answer(usage=usage)).usage == Usage(text_out=4)


# Refusals

BAD_KEY = "Incorrect API key provided: xai-****abcd. You can obtain an API key from console.x.ai."
NO_CREDIT = (
    "Your team 1f2e has either used all available credits or reached its monthly spending limit."
    " To continue, purchase more credits or raise your spending limit."
)
BUSY = "Too many requests for team 1f2e and model grok. Requests per Minute (actual/limit): 2/2"
NOT_FOUND = "Some requested entity was not found"
NO_MODEL = "The model grok-9 does not exist or your team 1f2e does not have access to it. Please"
NO_ROUTE = "No handler found on route. Please double check your URL and consult the docs."
INVALID = "Client specified an invalid argument"
DENIED = "The caller does not have permission to execute the specified operation"
EXHAUSTED = "Some resource has been exhausted"
WITHHELD = "Generated image rejected by content moderation."
BY_ADDRESS = {"url": "https://imgen.x.ai/xai-imgen/xai-tmp-1.jpeg", "mime_type": "image/jpeg"}
BLOCKED = {"b64_json": None, "url": "", "respect_moderation": False}


def nested(message, code=None):
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}}


@pytest.mark.parametrize(
    ("status", "content", "fault"),
    [
        # Complete answers without an image
        (200, answer(data=[]), Fault.NO_IMAGE),
        (200, answer(data=None), Fault.NO_IMAGE),
        (200, {}, Fault.NO_IMAGE),
        (200, b"", Fault.NO_IMAGE),
        (200, answer(data=[BY_ADDRESS]), Fault.IMAGE_BY_ADDRESS),
        (200, answer(data=[BLOCKED, BY_ADDRESS]), Fault.IMAGE_BY_ADDRESS),
        (200, answer(data=[BLOCKED]), Fault.WITHHELD),
        (200, answer(data=[{}, BLOCKED]), Fault.WITHHELD),
        (200, answer(data=[{"respect_moderation": True}]), Fault.NO_IMAGE),
        (200, answer(data=[{"respect_moderation": "false"}]), Fault.NO_IMAGE),
        (200, error("surprise"), Fault.NO_IMAGE),
        (200, error(BAD_KEY), Fault.KEY_REFUSED_HOSTED),
        (200, error(BAD_KEY, **cost(7)), Fault.NO_IMAGE),
        (200, error("Rejected by content moderation.", **cost(7)), Fault.WITHHELD),
        (200, b'{"data": [{"b64_json": "iVBORw0', Fault.ANSWER_UNREADABLE),
        (200, HTML, Fault.ANSWER_UNEXPECTED),
        (200, b"Generated", Fault.ANSWER_UNEXPECTED),
        # Keys: a bad one is 400
        (400, error(BAD_KEY), Fault.KEY_REFUSED_HOSTED),
        (400, error(BAD_KEY.upper(), INVALID), Fault.KEY_REFUSED_HOSTED),
        (400, nested(BAD_KEY), Fault.KEY_REFUSED_HOSTED),
        (400, BAD_KEY.encode(), Fault.KEY_REFUSED_HOSTED),
        (401, error("Missing Authorization header."), Fault.KEY_REFUSED_HOSTED),
        (401, b"", Fault.KEY_REFUSED_HOSTED),
        (403, error("Not valid.", "unauthenticated:bad-credentials"), Fault.KEY_REFUSED_HOSTED),
        (403, error("Your API key is blocked.", "permission-denied"), Fault.KEY_REFUSED_HOSTED),
        (403, error("The API key has been disabled.", DENIED), Fault.KEY_REFUSED_HOSTED),
        # Accounts
        (403, error("Your team is blocked.", DENIED), Fault.FORBIDDEN),
        (403, error("Access to the endpoint is denied.", "permission-denied"), Fault.FORBIDDEN),
        (403, b"", Fault.FORBIDDEN),
        (451, error("Not in your region."), Fault.FORBIDDEN),
        # Money
        (402, error("Pay."), Fault.OUT_OF_CREDIT_HOSTED),
        (403, error("Your team has used all available credits."), Fault.OUT_OF_CREDIT_HOSTED),
        (429, error("It reached its monthly spending limit."), Fault.OUT_OF_CREDIT_HOSTED),
        (403, error(NO_CREDIT, "permission-denied"), Fault.OUT_OF_CREDIT_HOSTED),
        (403, error(NO_CREDIT, DENIED), Fault.OUT_OF_CREDIT_HOSTED),
        (403, nested(NO_CREDIT, "permission-denied"), Fault.OUT_OF_CREDIT_HOSTED),
        (429, error(NO_CREDIT, EXHAUSTED), Fault.OUT_OF_CREDIT_HOSTED),
        (429, error(NO_CREDIT.upper(), "resource-exhausted"), Fault.OUT_OF_CREDIT_HOSTED),
        (
            403,
            error("Your newly created team doesn't have any credits or licenses yet.", DENIED),
            Fault.OUT_OF_CREDIT_HOSTED,
        ),
        # Rate limits
        (429, error(BUSY, "resource-exhausted"), Fault.RATE_LIMITED),
        (429, error(BUSY, EXHAUSTED), Fault.RATE_LIMITED),
        (429, nested(BUSY, "resource-exhausted"), Fault.RATE_LIMITED),
        (429, b"", Fault.RATE_LIMITED),
        (429, HTML, Fault.RATE_LIMITED),
        # Moderation: with a cost the image was made
        (400, recorded("xai_withheld"), Fault.WITHHELD),
        (400, error(WITHHELD, **cost(200_000_000)), Fault.WITHHELD),
        (400, error(WITHHELD), Fault.WITHHELD),
        (400, nested(WITHHELD), Fault.WITHHELD),
        (400, error("Rejected by content moderation.", INVALID, **cost(1)), Fault.WITHHELD),
        (400, error("Generated images were rejected by content moderation."), Fault.WITHHELD),
        (400, {"error": {"message": "No.", **cost(1)}}, Fault.NO_IMAGE),
        (400, error("Rejected by content moderation."), Fault.MODERATION_BLOCKED),
        (400, nested("Prompt rejected by content moderation."), Fault.MODERATION_BLOCKED),
        (403, error("Content violates usage guidelines.", DENIED), Fault.MODERATION_BLOCKED),
        # Whatever has a cost was billed
        (400, error("Something else.", **cost(200_000_000)), Fault.NO_IMAGE),
        (403, error(NO_CREDIT, **cost(1)), Fault.NO_IMAGE),
        (409, error("Something else.", **cost(1)), Fault.NO_IMAGE),
        (429, error(BUSY, EXHAUSTED, **cost(1)), Fault.NO_IMAGE),
        (418, error("Tea.", **cost(1)), Fault.NO_IMAGE),
        (400, error("Something else.", **cost(0)), Fault.INVALID_SETTING),
        # Settings
        (400, error("Argument not supported: size"), Fault.INVALID_SETTING),
        (400, error("Argument not supported: moderation", INVALID), Fault.INVALID_SETTING),
        (400, {"error": None}, Fault.INVALID_SETTING),
        (400, [], Fault.INVALID_SETTING),
        (422, b"Failed to deserialize the JSON body: missing field", Fault.INVALID_SETTING),
        (422, b"", Fault.INVALID_SETTING),
        (413, error("Too large."), Fault.INVALID_SETTING),
        # Model and address
        (404, error(NO_MODEL, NOT_FOUND), Fault.MODEL_RETIRED),
        (404, nested(NO_MODEL, "not-found"), Fault.MODEL_RETIRED),
        (400, error("Model not found: grok-9"), Fault.MODEL_RETIRED),
        (404, error(NO_ROUTE, NOT_FOUND), Fault.ADDRESS_UNKNOWN),
        (404, {}, Fault.ADDRESS_UNKNOWN),
        (404, b"Not Found", Fault.ADDRESS_UNKNOWN),
        (404, HTML, Fault.ANSWER_UNEXPECTED),
        # The provider's own trouble, and answers that leave it open whether it was billed
        (408, error("Slow."), Fault.PROVIDER_ERROR),
        (409, error("Aborted."), Fault.PROVIDER_ERROR),
        (425, b"", Fault.PROVIDER_ERROR),
        (500, error("Internal.", "internal"), Fault.PROVIDER_ERROR),
        (502, HTML, Fault.PROVIDER_ERROR),
        (503, error(BUSY, EXHAUSTED), Fault.PROVIDER_ERROR),
        (504, b"", Fault.PROVIDER_ERROR),
        (529, error("Overloaded.", **cost(1)), Fault.PROVIDER_ERROR),
        # Somebody else's answer
        (302, b"", Fault.REDIRECTED),
        (401, HTML, Fault.ANSWER_UNEXPECTED),
        (403, HTML, Fault.ANSWER_UNEXPECTED),
        (418, error("Tea."), Fault.ANSWER_UNEXPECTED),
    ],
)
def test_every_refusal_is_told_apart(status, content, fault):
    refusal = parsed(status, content, {"x-request-id": "req_2", "retry-after": "7"})
    assert isinstance(refusal, Refusal)
    assert refusal.fault is fault
    assert refusal.request_id == "req_2"
    assert refusal.retry_after == (7 if fault is Fault.RATE_LIMITED else None)


def test_a_refusal_that_was_billed_names_its_cost():
    assert parsed(400, recorded("xai_withheld")).provider_ticks == 200_000_000
    assert parsed(400, error("Something else.", **cost(5))).provider_ticks == 5
    assert parsed(200, answer(data=[])).provider_ticks == 400_000_000
    assert parsed(400, error("No.", **cost("5"))).provider_ticks is None


@given(status=st.integers(400, 499), ticks=st.integers(1, 10**13), text=st.text(max_size=40))
def test_a_refusal_with_a_cost_is_never_called_unbilled(status, ticks, text):
    refusal = parsed(status, error(text, **cost(ticks)))
    assert refusal.fault.outcome is Outcome.BILLED_EMPTY
    assert refusal.provider_ticks == ticks


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529, 408, 409, 425])
@pytest.mark.parametrize("text", [BAD_KEY, NO_CREDIT, BUSY, NO_MODEL, "Content policy."])
def test_no_error_of_the_provider_is_ever_called_unbilled(status, text):
    refusal = parsed(status, error(text))
    assert (refusal.fault, refusal.detail) == (Fault.PROVIDER_ERROR, f"HTTP {status}")


def test_the_words_of_the_provider_are_quoted_without_the_key():
    quoted = "Incorrect API key provided: [key] You can obtain an API key from console.x.ai."
    assert parsed(400, error(BAD_KEY)).said == quoted
    assert parsed(400, nested(BAD_KEY)).said == quoted
    assert parsed(400, BAD_KEY.encode()).said == quoted
    assert parsed(502, HTML).said == ""


@given(
    status=st.integers(100, 599),
    content=any_body(
        *("error", "code", "message", "data", "usage", "model"),
        *("b64_json", "url", "respect_moderation", "cost_in_usd_ticks", "input_tokens"),
    ),
    wait=st.text(max_size=20),
)
def test_no_answer_whatever_is_a_bug(status, content, wait):
    headers = {"Retry-After": wait, "Date": wait, "x-request-id": wait}
    assert isinstance(xai.parse(status, headers, body(content)), Result | Refusal)


def test_a_prompt_that_was_rewritten_is_kept():
    images = [{**one, "revised_prompt": "A cat, in oil"} for one in answer()["data"]]
    assert parsed(200, answer(data=images)).returned["prompt"] == "A cat, in oil"
    assert "prompt" not in parsed(200, answer()).returned  # empty in older answers
