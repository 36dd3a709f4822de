import httpx
import pytest

JPEG = "Transparent background is not supported for JPEG output format"
PNG = "Compression less than 100 is not supported for PNG output format"
BELOW = "Requested resolution is below the current minimum pixel budget."
ABOVE = "Requested resolution is above the current maximum pixel budget."
SIXTEEN = "Width and height must both be divisible by 16."
LONGEST = "The longest edge must be less than or equal to 3840."
RATIO = "The ratio of the longest edge to the shortest must be less than or equal to 3:1."

REFUSED = [
    ({"response_format": "url"}, "unknown_parameter", "Unknown parameter: 'response_format'."),
    ({"style": "vivid"}, "unknown_parameter", "Unknown parameter: 'style'."),
    ({"input_fidelity": "high"}, "unknown_parameter", "Unknown parameter: 'input_fidelity'."),
    ({"prompt": None}, "missing_required_parameter", "Missing required parameter: 'prompt'."),
    ({"model": None}, "missing_required_parameter", "Missing required parameter: 'model'."),
    ({"prompt": 7}, "invalid_type", "expected a string, but got an integer"),
    ({"prompt": ""}, "empty_string", "empty string"),
    ({"prompt": "x" * 32_001}, "string_above_max_length", "maximum length 32000"),
    ({"n": 0}, "integer_below_min_value", "Expected a value >= 1, but got 0 instead."),
    ({"n": 11}, "integer_above_max_value", "Expected a value <= 10, but got 11 instead."),
    ({"n": "2"}, "invalid_type", "expected an integer, but got a string"),
    ({"n": True}, "invalid_type", "expected an integer, but got a boolean"),
    ({"n": 1.5}, "invalid_type", "expected an integer"),
    ({"size": "512x512"}, "invalid_value", f"Invalid size '512x512'. {BELOW}"),
    ({"size": "800x800"}, "invalid_value", BELOW),
    ({"size": "1920x1080"}, "invalid_value", f"Invalid size '1920x1080'. {SIXTEEN}"),
    ({"size": "4096x2048"}, "invalid_value", f"Invalid size '4096x2048'. {LONGEST}"),
    ({"size": "3840x1024"}, "invalid_value", RATIO),
    ({"size": "3840x3840"}, "invalid_value", ABOVE),
    ({"size": "large"}, "invalid_value", "Invalid size 'large'."),
    ({"size": "0x1024"}, "invalid_value", "Invalid size '0x1024'."),
    ({"size": 1024}, "invalid_type", "expected a string"),
    ({"quality": "hd"}, "invalid_value", "'low', 'medium', 'high' and 'auto'"),
    ({"quality": "max"}, "invalid_value", "Invalid value: 'max'."),
    ({"background": "blue"}, "invalid_value", "'transparent', 'opaque' and 'auto'"),
    ({"background": "transparent", "output_format": "jpeg"}, "invalid_value", JPEG),
    ({"moderation": "off"}, "invalid_value", "'low' and 'auto'"),
    ({"output_format": "gif"}, "invalid_value", "'png', 'webp' and 'jpeg'"),
    ({"output_compression": 101}, "integer_above_max_value", "Expected a value <= 100"),
    ({"output_compression": 80}, "invalid_png_output_compression", PNG),
    ({"stream": "yes"}, "invalid_type", "expected a boolean"),
    ({"stream": True, "partial_images": 4}, "integer_above_max_value", "<= 3"),
    ({"partial_images": 1}, "invalid_value", "'stream'"),
]


@pytest.mark.parametrize(("fields", "code", "message"), REFUSED)
def test_a_broken_rule_is_refused_in_the_words_of_openai(sandbox, generate, fields, code, message):
    response = generate(**fields)

    error = response.json()["error"]
    assert response.status_code == 400
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code
    assert error["param"] in fields
    assert message in error["message"]
    assert [entry["billed"] for entry in sandbox.entries()] == [False]


def test_png_compression_is_called_a_mistake_of_the_user(generate):
    error = generate(output_compression=99).json()["error"]
    assert error["type"] == "image_generation_user_error"


def test_full_compression_is_accepted_for_png(generate):
    assert generate(output_compression=100).status_code == 200


@pytest.mark.parametrize("quality", ["xhigh", "max"])
def test_the_newer_models_know_more_qualities(generate, quality):
    answer = generate(model="gpt-image-2.5-flare", quality=quality).json()
    assert answer["quality"] == quality


def test_nulls_count_as_not_given(generate):
    assert generate(n=None, quality=None, background=None, user=None).status_code == 200


def test_an_unknown_model_does_not_exist(generate):
    response = generate(model="dall-e-3")

    assert response.status_code == 404
    assert response.json()["error"] == {
        "message": "The model `dall-e-3` does not exist or you do not have access to it.",
        "type": "invalid_request_error",
        "param": None,
        "code": "model_not_found",
    }


def test_a_request_without_a_key_is_refused(sandbox):
    response = httpx.post(f"{sandbox.base_url}/openai/v1/images/generations", json={})

    assert response.status_code == 401
    assert response.json()["error"]["code"] is None


def test_a_key_that_is_called_invalid_is_refused_and_masked(sandbox, generate):
    key = "sk-invalid-secret-middle-wxyz"

    response = generate(headers={"Authorization": f"Bearer {key}"})

    error = response.json()["error"]
    assert response.status_code == 401
    assert error["code"] == "invalid_api_key"
    assert error["message"].startswith("Incorrect API key provided: sk-*")
    assert "secret" not in error["message"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(client, content):
    response = client.post("/images/generations", content=content)

    assert response.status_code == 400
    assert "could not parse" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/images/generations"), ("POST", "/images/paintings"), ("DELETE", "/models")],
)
def test_other_addresses_answer_with_the_envelope_of_openai(client, method, path):
    response = client.request(method, path)

    assert response.status_code == 404
    assert response.json()["error"]["message"] == f"Invalid URL ({method} /v1{path})"
