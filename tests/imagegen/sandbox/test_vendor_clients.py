"""The vendors' own Python clients take the sandbox for their vendor."""

import base64
import os

import openai
import pytest
from google import genai
from google.genai import errors, types
from openai import DefaultHttpxClient, OpenAI

SMALL_IMAGE = types.GenerateContentConfig(
    response_modalities=["IMAGE"], image_config=types.ImageConfig(image_size="1K")
)
# Marker, the client's own error, the code in it.
OPENAI_ERRORS = [
    ("bad_key", openai.AuthenticationError, "invalid_api_key"),
    ("verify", openai.PermissionDeniedError, None),
    ("moderation_input", openai.BadRequestError, "moderation_blocked"),
    ("moderation_output", openai.BadRequestError, "moderation_blocked"),
    ("rate_limit", openai.RateLimitError, "rate_limit_exceeded"),
    ("slow_down", openai.RateLimitError, "slow_down"),
    ("quota", openai.RateLimitError, "insufficient_quota"),
    ("billing_stop", openai.BadRequestError, "billing_hard_limit_reached"),
    ("invalid_option", openai.BadRequestError, "invalid_value"),
    ("no_transparency", openai.BadRequestError, None),
    ("model_gone", openai.NotFoundError, "model_not_found"),
    ("server_error", openai.InternalServerError, None),
    ("server_error status=529", openai.InternalServerError, None),
    ("html_502", openai.InternalServerError, None),
    ("drop_before_headers", openai.APIConnectionError, None),
]
XAI_ERRORS = [
    ("bad_key", openai.BadRequestError, "Incorrect API key"),
    ("verify", openai.PermissionDeniedError, "not allowed"),
    ("moderation_input", openai.BadRequestError, "content moderation"),
    ("moderation_output", openai.BadRequestError, "Generated image rejected"),
    ("rate_limit", openai.RateLimitError, "Too many requests"),
    ("rate_limit_old", openai.RateLimitError, "Too many requests"),
    ("quota", openai.PermissionDeniedError, "used all available credits"),
    ("quota_old", openai.RateLimitError, "used all available credits"),
    ("invalid_option", openai.BadRequestError, "Argument not supported"),
    ("unprocessable", openai.UnprocessableEntityError, "Failed to deserialize"),
    ("model_gone", openai.NotFoundError, "does not exist"),
    ("server_error status=529", openai.InternalServerError, "unavailable"),
]
GOOGLE_ERRORS = [
    ("bad_key", errors.ClientError, 400, "INVALID_ARGUMENT"),
    ("verify", errors.ClientError, 403, "PERMISSION_DENIED"),
    ("leaked_key", errors.ClientError, 403, "PERMISSION_DENIED"),
    ("location", errors.ClientError, 400, "FAILED_PRECONDITION"),
    ("billing_stop", errors.ClientError, 400, "FAILED_PRECONDITION"),
    ("rate_limit", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
    ("quota wrapped=1", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
    ("quota_zero", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
    ("spend_cap", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
    ("model_gone words=2", errors.ClientError, 404, "NOT_FOUND"),
    ("invalid_option", errors.ClientError, 400, "INVALID_ARGUMENT"),
    ("server_error", errors.ServerError, 500, "INTERNAL"),
    ("server_error status=503", errors.ServerError, 503, "UNAVAILABLE"),
    ("server_error status=504 wrapped=1", errors.ServerError, 504, "DEADLINE_EXCEEDED"),
]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in os.environ:
        if name.startswith(("GOOGLE_", "GEMINI_", "OPENAI_")):
            monkeypatch.delenv(name)


@pytest.fixture
def openai_client(sandbox):
    def openai_client(path, key="sk-test-0123456789-abcd"):
        http_client = DefaultHttpxClient(verify=False, trust_env=False)
        address = sandbox.base_url + path
        return OpenAI(api_key=key, base_url=address, max_retries=0, http_client=http_client)

    return openai_client


@pytest.fixture
def gpt(openai_client):
    """Asks OpenAI for images."""
    with openai_client("/openai/v1") as client:

        def gpt(prompt="A lighthouse", **fields):
            fields = {"model": "gpt-image-2", "size": "816x816", **fields}
            return client.images.generate(prompt=prompt, output_format="jpeg", **fields)

        yield gpt


@pytest.fixture
def grok(openai_client):
    """Asks xAI for images."""
    with openai_client("/xai/v1") as client:

        def grok(prompt="A lighthouse", model="grok-imagine-image", **fields):
            fields = {"response_format": "b64_json", **fields}
            ratio = {"aspect_ratio": "1:1"}
            return client.images.generate(model=model, prompt=prompt, extra_body=ratio, **fields)

        yield grok


@pytest.fixture
def google_client(sandbox):
    def google_client(path, version, key="AIza-test-0123456789-abcd", **fields):
        options = types.HttpOptions(
            base_url=sandbox.base_url + path,
            api_version=version,
            retry_options=types.HttpRetryOptions(attempts=1),
            client_args={"verify": False, "trust_env": False},
        )
        return genai.Client(api_key=key, http_options=options, **fields)

    return google_client


@pytest.fixture
def gemini(google_client):
    with google_client("/gemini", "v1beta") as client:
        yield client.models


@pytest.fixture
def cloud(google_client):
    with google_client("/gemini-cloud", "v1beta1", vertexai=True) as client:
        yield client.models


def test_openai_images_arrive_with_their_usage(gpt, opened):
    answer = gpt(n=2, quality="low", background="opaque")

    files = [base64.b64decode(image.b64_json, validate=True) for image in answer.data]
    assert [opened(file).size for file in files] == [(816, 816)] * 2
    assert (answer.quality, answer.background, answer.size) == ("low", "opaque", "816x816")
    assert answer.usage.output_tokens_details.image_tokens == 2 * 171
    assert answer.usage.total_tokens == answer.usage.input_tokens + 2 * 171
    assert answer.model_dump()["created"]


def test_openai_streams_arrive_event_by_event(gpt, opened):
    events = list(gpt(stream=True, partial_images=1))

    assert [event.type.rpartition(".")[2] for event in events] == ["partial_image", "completed"]
    assert opened(base64.b64decode(events[1].b64_json)).format == "JPEG"
    assert events[1].usage.output_tokens > 100


@pytest.mark.parametrize(("marker", "error", "code"), OPENAI_ERRORS)
def test_openai_faults_are_the_clients_own_errors(gpt, marker, error, code):
    with pytest.raises(error) as raised:
        gpt(f"A fox [[sandbox:{marker}]]")

    assert raised.value.code == code


def test_an_invalid_openai_key_is_an_error_of_authentication(openai_client):
    client = openai_client("/openai/v1", "sk-invalid-key")
    with client, pytest.raises(openai.AuthenticationError):
        client.models.list()


def test_xai_images_arrive_with_their_cost(grok, opened):
    answer = grok(model="grok-imagine-image-quality", n=2)

    files = [base64.b64decode(image.b64_json, validate=True) for image in answer.data]
    assert [opened(file).format for file in files] == ["JPEG"] * 2
    assert answer.usage.cost_in_usd_ticks == 800_000_000
    assert answer.model == "grok-imagine-image-2.0"
    assert answer.data[0].mime_type == "image/jpeg"
    assert answer.model_dump()["data"]


def test_xai_addresses_arrive(grok):
    (image,) = grok(response_format="url").data
    assert "/xai-imgen/xai-tmp-" in image.url


@pytest.mark.parametrize(("marker", "error", "text"), XAI_ERRORS)
def test_xai_faults_are_the_clients_own_errors(grok, marker, error, text):
    with pytest.raises(error) as raised:
        grok(f"A fox [[sandbox:{marker}]]")

    assert text in str(raised.value.body)


def test_the_nested_envelope_of_xai_has_a_code(grok):
    with pytest.raises(openai.RateLimitError) as raised:
        grok("A fox [[sandbox:rate_limit envelope=nested]]")

    assert raised.value.code == "resource-exhausted"


def test_an_invalid_xai_key_is_a_bad_request(openai_client):
    client = openai_client("/xai/v1", "xai-invalid-key")
    with client, pytest.raises(openai.BadRequestError):
        client.images.generate(model="grok-imagine-image", prompt="A fox")


def test_gemini_images_arrive_with_their_usage(gemini, opened):
    config = types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio="16:9", image_size="1K"),
        candidate_count=1,
        seed=7,
        temperature=0.5,
        safety_settings=[
            types.SafetySetting(
                category=types.HarmCategory.HARM_CATEGORY_HARASSMENT,
                threshold=types.HarmBlockThreshold.BLOCK_NONE,
            )
        ],
    )
    answer = gemini.generate_content(
        model="gemini-nano-banana-2.1", contents="A lighthouse", config=config
    )

    (part,) = answer.parts
    (counted,) = answer.usage_metadata.candidates_tokens_details
    image = opened(part.inline_data.data)
    assert part.inline_data.mime_type == "image/jpeg"
    assert (image.format, image.size) == ("JPEG", (1376, 768))
    assert (counted.modality, counted.token_count) == (types.MediaModality.IMAGE, 1120)
    assert answer.usage_metadata.thoughts_token_count > 0
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.model_version == "gemini-nano-banana-2.1"
    assert answer.model_dump()["response_id"]


def test_the_cloud_still_serves_2_5_with_words_first(cloud, opened):
    answer = cloud.generate_content(model="gemini-2.5-flash-image", contents="A lighthouse")

    words, image = answer.parts
    assert words.text
    assert opened(image.inline_data.data).format == "PNG"
    assert answer.usage_metadata.candidates_token_count == 1290 + 5


@pytest.mark.parametrize(("marker", "error", "code", "status"), GOOGLE_ERRORS)
def test_google_faults_are_the_clients_own_errors(gemini, marker, error, code, status):
    with pytest.raises(error) as raised:
        gemini.generate_content(
            model="gemini-nano-banana-2.1", contents=f"A fox [[sandbox:{marker}]]"
        )

    assert (raised.value.code, raised.value.status) == (code, status)


@pytest.mark.parametrize(
    ("marker", "blocked", "finished"),
    [
        ("moderation_input reason=IMAGE_SAFETY", types.BlockedReason.IMAGE_SAFETY, None),
        ("moderation_output", None, types.FinishReason.IMAGE_SAFETY),
        ("no_image", None, types.FinishReason.NO_IMAGE),
        ("no_image reason=IMAGE_OTHER", None, types.FinishReason.IMAGE_OTHER),
        ("max_tokens", None, types.FinishReason.MAX_TOKENS),
    ],
)
def test_refusals_of_gemini_are_good_answers_without_an_image(gemini, marker, blocked, finished):
    answer = gemini.generate_content(
        model="gemini-nano-banana-2.1", contents=f"A fox [[sandbox:{marker}]]"
    )

    feedback, candidates = answer.prompt_feedback, answer.candidates
    assert (feedback and feedback.block_reason) == blocked
    assert (candidates[0].finish_reason if candidates else None) == finished
    assert not answer.parts
    assert answer.usage_metadata.prompt_token_count > 0


def test_thoughts_are_marked_as_such(gemini):
    answer = gemini.generate_content(
        model="gemini-nano-banana-2.1", contents="A fox [[sandbox:thoughts]]", config=SMALL_IMAGE
    )

    assert [part.thought for part in answer.parts] == [True, True, None]
    assert answer.parts[2].thought_signature


def test_a_retired_model_is_an_error_of_the_client(gemini):
    with pytest.raises(errors.ClientError) as raised:
        gemini.generate_content(model="gemini-2.5-flash-image", contents="A fox")

    assert (raised.value.code, raised.value.status) == (404, "NOT_FOUND")


def test_an_invalid_google_key_is_an_error_of_the_client(google_client):
    client = google_client("/gemini", "v1", key="AIza-invalid-key")
    with client, pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model="gemini-3-pro-image", contents="A fox")

    assert (raised.value.code, raised.value.status) == (400, "INVALID_ARGUMENT")


def test_the_clients_list_the_models(openai_client, gemini, cloud):
    with openai_client("/openai/v1") as client:
        assert "gpt-image-2" in [model.id for model in client.models.list()]
    assert "models/gemini-nano-banana-2.1" in [model.name for model in gemini.list()]
    assert "publishers/google/models/gemini-2.5-flash-image" in [
        model.name for model in cloud.list()
    ]
