import pytest

NOT_SUPPORTED = ["size", "style", "output_format", "background", "seed", "mask", "deferred"]
REFUSED = [
    *(({name: "any"}, f"Argument not supported: {name}") for name in NOT_SUPPORTED),
    ({"n": 0}, "Invalid value for n: 0"),
    ({"n": 11}, "Invalid value for n: 11"),
    ({"prompt": ""}, "empty"),
    ({"prompt": "x" * 64_001}, "maximum allowed length 64000"),
    ({"model": "grok-imagine-image-2.0", "quality": "high"}, "Invalid value for quality: high"),
]
UNPROCESSABLE = [
    ({"prompt": None}, "missing field `prompt`"),
    ({"model": None}, "missing field `model`"),
    ({"prompt": 7}, "prompt: invalid type: integer `7`, expected a string"),
    ({"model": ["grok"]}, "model: invalid type: sequence, expected a string"),
    ({"n": {}}, "n: invalid type: map, expected u32"),
    ({"n": "2"}, 'n: invalid type: string "2", expected u32'),
    ({"n": 1.5}, "n: invalid type: floating point `1.5`, expected u32"),
    ({"n": True}, "n: invalid type: boolean `true`, expected u32"),
    ({"user": 7}, "user: invalid type"),
    ({"quality": 7}, "quality: invalid type"),
    ({"aspect_ratio": "7:3"}, "aspect_ratio: unknown variant `7:3`, expected one of `1:1`, "),
    ({"resolution": "1K"}, "resolution: unknown variant `1K`, expected one of `1k`, `2k`"),
    ({"resolution": "1.5k"}, "unknown variant `1.5k`"),
    ({"response_format": "base64"}, "expected one of `url`, `b64_json`"),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_a_broken_rule_is_refused_in_the_flat_envelope(sandbox, grok, fields, message):
    response = grok(**fields)

    error = response.json()
    assert response.status_code == 400
    assert set(error) == {"code", "error"}
    assert error["code"] == "invalid-argument"
    assert message in error["error"]
    assert [entry["billed"] for entry in sandbox.entries()] == [False]


@pytest.mark.parametrize(("fields", "message"), UNPROCESSABLE)
def test_what_does_not_fit_the_schema_is_refused_in_plain_text(sandbox, grok, fields, message):
    response = grok(**fields)

    assert response.status_code == 422
    assert response.headers["content-type"].startswith("text/plain")
    assert response.text.startswith("Failed to deserialize the JSON body into the target type: ")
    assert message in response.text
    assert not sandbox.entries()[0]["billed"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{"])
def test_a_body_that_is_no_json_object_is_refused(http, content):
    headers = {"Authorization": "Bearer xai-0123456789"}
    response = http.post("/xai/v1/images/generations", content=content, headers=headers)

    assert (response.status_code, response.json()["code"]) == (400, "invalid-argument")


def test_half_of_a_surrogate_pair_can_be_refused_and_drawn(http):
    headers = {"Authorization": "Bearer xai-0123456789"}
    fields = r'"model": "grok-imagine-image", "prompt": "\ud800 alone"'
    bodies = [f"{{{fields}}}", rf'{{{fields}, "resolution": "\ud800"}}']
    path = "/xai/v1/images/generations"
    statuses = [http.post(path, content=one, headers=headers).status_code for one in bodies]

    assert statuses == [200, 422]


def test_nulls_count_as_not_given(grok):
    assert grok(n=None, user=None, resolution=None, quality=None).status_code == 200


@pytest.mark.parametrize("quality", ["low", "medium"])
def test_a_model_without_qualities_ignores_them(grok, quality):
    assert grok(quality=quality).json()["usage"] == {"cost_in_usd_ticks": 200_000_000}


def test_an_unknown_model_does_not_exist(grok):
    response = grok(model="grok-2-image-1212")

    assert response.status_code == 404
    assert response.json()["code"] == "not-found"
    assert "The model grok-2-image-1212 does not exist" in response.json()["error"]


@pytest.mark.parametrize("header", ["", "Bearer", "Basic eGFp", "xai-0123456789"])
def test_a_missing_or_malformed_authorization_is_401(grok, header):
    response = grok(headers={"Authorization": header})

    assert response.status_code == 401
    assert set(response.json()) == {"code", "error"}


def test_a_key_that_is_called_invalid_is_400_and_not_401(grok):
    response = grok(headers={"Authorization": "Bearer xai-invalid-secret"})

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid-argument",
        "error": "Incorrect API key provided: xai-****."
        " You can obtain an API key from https://console.x.ai.",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/xai/v1/images/generations"),
        ("POST", "/xai/v1/images/edits"),
        ("GET", "/xai/v1/models"),
        ("POST", "/xai/xai-imgen/xai-tmp-1.jpeg"),
    ],
)
def test_other_addresses_are_not_found(http, method, path):
    response = http.request(method, path, headers={"Authorization": "Bearer xai-0123456789"})

    assert (response.status_code, response.json()["code"]) == (404, "not-found")
