import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen import catalogue
from imagegen.choices import validate
from imagegen.errors import Fault
from imagegen.outcomes import Outcome
from imagegen.providers import openai, registry
from imagegen.providers.contract import Blob, Picture, Refusal, Result, Usage
from tests.imagegen.providers.bodies import HTML, Document, any_body, body, recorded


def parsed(status, content, headers=None):
    return openai.parse(status, headers or {}, body(content))


def answer(**changes):
    return recorded("openai_two_images") | changes


def error(**fields):
    return {"error": {"message": "No.", "type": "invalid_request_error", "param": None} | fields}


def asked(model="gpt-image-2", count=1, **choices):
    return validate({"model": model, "image_count": count, "by_provider": {"openai": choices}})


# The request


def test_the_request_goes_to_the_base_url_with_the_key():
    request = openai.request(asked(), "a cat", "sk-test", "https://api.openai.com/v1/")
    assert request.url == "https://api.openai.com/v1/images/generations"
    assert request.headers == {
        "Authorization": "Bearer sk-test",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "FetchHive/0.1",
    }
    assert "sk-test" not in repr(request)


@pytest.mark.parametrize(
    ("config", "sent"),
    [
        (
            asked(),
            {
                "model": "gpt-image-2",
                "prompt": "a cat",
                "n": 1,
                "size": "1024x1024",
                "quality": "medium",
                "background": "auto",
                "moderation": "auto",
                "output_format": "png",
            },
        ),
        (
            asked(
                count=3,
                image_size="1536x864",
                image_quality="high",
                image_background="opaque",
                image_moderation="low",
                image_output_format="jpeg",
                image_output_compression=70,
            ),
            {
                "model": "gpt-image-2",
                "prompt": "a cat",
                "n": 3,
                "size": "1536x864",
                "quality": "high",
                "background": "opaque",
                "moderation": "low",
                "output_format": "jpeg",
                "output_compression": 70,
            },
        ),
        (
            asked(
                model="gpt-image-2.5-flare",
                count=10,
                image_size="auto",
                image_quality="auto",
                image_background="transparent",
                image_output_format="webp",
                image_output_compression=0,
            ),
            {
                "model": "gpt-image-2.5-flare",
                "prompt": "a cat",
                "n": 10,
                "size": "auto",
                "quality": "auto",
                "background": "transparent",
                "moderation": "auto",
                "output_format": "webp",
                "output_compression": 0,
            },
        ),
    ],
)
def test_the_body_holds_what_was_chosen_and_nothing_else(config, sent):
    request = openai.request(config, "a cat", "sk-test", "http://127.0.0.1:9/openai/v1")
    assert list(request.body.items()) == list(sent.items())


def test_every_setting_is_called_on_the_wire_what_its_record_says():
    settings = catalogue.get("gpt-image-2").settings
    named = {setting.parameter: key for key, setting in settings.items()}
    assert named | {"n": "image_count"} == openai.FIELDS


def test_the_registry_knows_the_provider():
    assert registry.get("openai").label == "OpenAI"
    with pytest.raises(ModuleNotFoundError):
        registry.get("midjourney")


# Images


def test_an_answer_with_images_is_read_whole():
    assert parsed(200, answer(), {"X-Request-Id": "req_1"}) == Result(
        pictures=(Picture("iVBORw0KGgo="), Picture("iVBORw0KGgp=")),
        usage=Usage(text_in=50, image_in=0, image_out=14048, text_out=0),
        returned={
            "image_size": "1024x1024",
            "image_quality": "high",
            "image_background": "opaque",
            "image_output_format": "png",
        },
        request_id="req_1",
    )


def test_a_long_image_is_left_in_its_place():
    place = Blob(21, 4_000_021)
    long = Document(b"{", {"data": [{"b64_json": place}]})
    assert openai.parse(200, {}, long).pictures == (Picture(place),)


def test_fewer_images_than_asked_are_kept_and_odd_ones_passed_over():
    odd = [None, 7, {}, {"b64_json": None}, {"b64_json": ""}, {"b64_json": {"start": 0, "end": 9}}]
    result = parsed(200, answer(data=[*odd, {"b64_json": "aGk="}]))
    assert result.pictures == (Picture("aGk="),)


def test_an_answer_needs_nothing_but_an_image():
    result = parsed(200, {"data": [{"b64_json": "aGk="}], "size": 7, "usage": "much"})
    assert result == Result((Picture("aGk="),), usage=None, returned={})


def test_output_that_is_not_itemised_counts_as_image():
    usage = {"input_tokens": 9, "output_tokens": 196}
    assert parsed(200, answer(usage=usage)).usage == Usage(text_in=9, image_out=196)


def test_text_in_the_output_is_told_apart():
    usage = answer()["usage"] | {"output_tokens_details": {"image_tokens": 196, "text_tokens": 4}}
    assert parsed(200, answer(usage=usage)).usage == Usage(text_in=50, image_out=196, text_out=4)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        "free",
        {"input_tokens": 9},
        {"input_tokens": -1, "output_tokens": 196},
        {"input_tokens": 9, "output_tokens": 0},
        {"input_tokens": 9, "output_tokens": 10_000_001},
        {"input_tokens": "9", "output_tokens": 196},
        {"input_tokens": 9, "output_tokens": 196.0},
        {"input_tokens": True, "output_tokens": 196},
        {"input_tokens": 9, "output_tokens": 196, "output_tokens_details": {"image_tokens": "x"}},
    ],
)
def test_a_usage_that_cannot_be_true_is_unknown(usage):
    result = parsed(200, answer(usage=usage))
    assert len(result.pictures) == 2
    assert result.usage is None


# Refusals

OVER_LIMIT = "Rate limit reached for gpt-image-2 on images per minute (IPM): Limit 5, Used 5."
BLOCKED = {"type": "image_generation_user_error", "code": "moderation_blocked"}


@pytest.mark.parametrize(
    ("status", "content", "fault"),
    [
        # Complete answers without an image
        (200, answer(data=[]), Fault.NO_IMAGE),
        (200, {"created": 1}, Fault.NO_IMAGE),
        (200, {"data": "none"}, Fault.NO_IMAGE),
        (200, answer(data=[{"url": "https://elsewhere"}]), Fault.NO_IMAGE),
        (200, b"", Fault.NO_IMAGE),
        (204, b"", Fault.NO_IMAGE),
        (200, b" \r\n", Fault.NO_IMAGE),
        (200, error(code="surprise"), Fault.NO_IMAGE),
        (200, error(type="server_error", code=None), Fault.NO_IMAGE),
        (200, error(code="invalid_value", param="size"), Fault.INVALID_SETTING),
        (200, error(**BLOCKED), Fault.MODERATION_BLOCKED),
        # Answers that cannot be read
        (200, b'{"data": [{"b64_json": "iVBORw0', Fault.ANSWER_UNREADABLE),
        (200, b"[]", Fault.ANSWER_UNREADABLE),
        (200, b"[" * 100_000, Fault.ANSWER_UNREADABLE),
        (200, b"\xef\xbb\xbf{", Fault.ANSWER_UNREADABLE),
        (200, HTML, Fault.ANSWER_UNEXPECTED),
        (200, b"\n  " + HTML, Fault.ANSWER_UNEXPECTED),
        (200, b"\xff\xfe\x00", Fault.ANSWER_UNEXPECTED),
        # Keys, accounts, models
        (401, error(code="invalid_api_key"), Fault.KEY_REFUSED_HOSTED),
        (401, error(code=None), Fault.KEY_REFUSED_HOSTED),
        (401, b"", Fault.KEY_REFUSED_HOSTED),
        (403, error(code=None), Fault.FORBIDDEN),
        (404, error(code="model_not_found"), Fault.MODEL_RETIRED),
        # A wrong base URL must not look like a retired model.
        (404, error(message="Invalid URL (POST /v2/images/generations)"), Fault.ADDRESS_UNKNOWN),
        (404, error(code="model_not_found_or_so"), Fault.ADDRESS_UNKNOWN),
        (404, b"404 page not found", Fault.ADDRESS_UNKNOWN),
        # Settings
        (400, error(code="unknown_parameter"), Fault.INVALID_SETTING),
        (400, error(code="missing_required_parameter"), Fault.INVALID_SETTING),
        (400, error(code="invalid_value", param="size"), Fault.INVALID_SETTING),
        (400, error(code="invalid_png_output_compression"), Fault.INVALID_SETTING),
        (400, error(type=None), Fault.INVALID_SETTING),
        (400, {"error": None}, Fault.INVALID_SETTING),
        (422, {"detail": "?"}, Fault.INVALID_SETTING),
        # Moderation
        (400, error(**BLOCKED), Fault.MODERATION_BLOCKED),
        (
            400,
            error(**BLOCKED, moderation_details={"moderation_stage": "input", "categories": []}),
            Fault.MODERATION_BLOCKED,
        ),
        (
            400,
            error(**BLOCKED, moderation_details={"moderation_stage": "unknown"}),
            Fault.MODERATION_BLOCKED,
        ),
        (400, error(**BLOCKED, moderation_details="x"), Fault.MODERATION_BLOCKED),
        (
            400,
            error(**BLOCKED, moderation_details={"moderation_stage": "output"}),
            Fault.WITHHELD,
        ),
        # Money
        (402, error(), Fault.OUT_OF_CREDIT_HOSTED),
        (
            429,
            error(type="insufficient_quota", code="insufficient_quota"),
            Fault.OUT_OF_CREDIT_HOSTED,
        ),
        (429, error(type="insufficient_quota", code=None), Fault.OUT_OF_CREDIT_HOSTED),
        (400, error(code="billing_hard_limit_reached"), Fault.OUT_OF_CREDIT_HOSTED),
        (429, error(code="billing_not_active"), Fault.OUT_OF_CREDIT_HOSTED),
        (429, error(code="organization_spend_limit_exceeded"), Fault.OUT_OF_CREDIT_HOSTED),
        (400, error(code="project_spend_limit_exceeded"), Fault.OUT_OF_CREDIT_HOSTED),
        # Rate limits
        (429, error(type="requests", code="rate_limit_exceeded"), Fault.RATE_LIMITED),
        (429, error(type="rate_limit_error", code="slow_down"), Fault.RATE_LIMITED),
        (429, error(type="requests", code=None), Fault.RATE_LIMITED),
        (429, b"", Fault.RATE_LIMITED),
        (429, HTML, Fault.RATE_LIMITED),
        # Redirects
        (301, b"", Fault.REDIRECTED),
        (302, HTML, Fault.REDIRECTED),
        (307, error(), Fault.REDIRECTED),
        (308, b"", Fault.REDIRECTED),
        # The provider's own trouble, and answers that leave it open whether it was billed
        (500, error(type="server_error", code=None), Fault.PROVIDER_ERROR),
        (500, error(code="rate_limit_exceeded"), Fault.PROVIDER_ERROR),
        (502, HTML, Fault.PROVIDER_ERROR),
        (503, error(type="server_error", code="slow_down"), Fault.PROVIDER_ERROR),
        (504, b"", Fault.PROVIDER_ERROR),
        (520, HTML, Fault.PROVIDER_ERROR),
        (529, b"{", Fault.PROVIDER_ERROR),
        (408, error(), Fault.PROVIDER_ERROR),
        (409, error(), Fault.PROVIDER_ERROR),
        (425, b"", Fault.PROVIDER_ERROR),
        # Somebody else's answer
        (401, HTML, Fault.ANSWER_UNEXPECTED),
        (403, HTML, Fault.ANSWER_UNEXPECTED),
        (404, HTML, Fault.ANSWER_UNEXPECTED),
        (407, HTML, Fault.ANSWER_UNEXPECTED),
        (418, error(), Fault.ANSWER_UNEXPECTED),
    ],
)
def test_every_refusal_is_told_apart(status, content, fault):
    refusal = parsed(status, content, {"x-request-id": "req_2", "retry-after": "7"})
    assert isinstance(refusal, Refusal)
    assert refusal.fault is fault
    assert refusal.request_id == "req_2"
    assert refusal.retry_after == (7 if fault is Fault.RATE_LIMITED else None)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 529, 408, 409, 425])
def test_no_error_of_the_provider_is_ever_called_unbilled(status):
    for code in (*openai.BY_CODE, "billing_not_active"):
        assert parsed(status, error(code=code)).fault.outcome is Outcome.UNKNOWN


def test_the_words_of_the_provider_are_quoted_without_the_key():
    refusal = parsed(401, error(code="invalid_api_key", message="Incorrect key: sk-abcd***wxyz."))
    assert refusal.said == "Incorrect key: [key]"


def test_a_refused_setting_is_named_as_we_name_it():
    assert parsed(400, error(code="invalid_value", param="size")).detail == "image_size"
    assert parsed(400, error(code="unknown_parameter", param="response_format")).detail == ""


def test_an_error_of_the_provider_names_its_status():
    assert parsed(529, HTML).detail == "HTTP 529"


def test_a_provider_that_is_busy_may_name_a_date():
    headers = {
        "Date": "Sun, 22 Nov 2026 14:03:00 GMT",
        "Retry-After": "Sun, 22 Nov 2026 14:03:12 GMT",
    }
    refusal = parsed(429, error(code="rate_limit_exceeded", message=OVER_LIMIT), headers)
    assert (refusal.retry_after, refusal.said) == (12, OVER_LIMIT)


@given(
    status=st.integers(100, 599),
    content=any_body("error", "data", "usage", "code", "b64_json", "output_tokens", "size"),
    wait=st.text(max_size=20),
)
def test_no_answer_whatever_is_a_bug(status, content, wait):
    headers = {"Retry-After": wait, "Date": wait, "x-request-id": wait}
    assert isinstance(openai.parse(status, headers, body(content)), Result | Refusal)


def test_prompts_that_were_rewritten_are_kept_each_once():
    rewritten = ("A cat", "A cat", "", None, "A cat at night")
    images = [{"b64_json": "aGk=", "revised_prompt": prompt} for prompt in rewritten]
    assert parsed(200, answer(data=images)).returned["prompt"] == "A cat\n\nA cat at night"
