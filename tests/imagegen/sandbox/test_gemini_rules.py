import pytest

HEADERS = {"x-goog-api-key": "AIza-0123456789-abcd"}
FOX = [{"parts": [{"text": "A fox"}]}]
RETIRED = ["gemini-2.5-flash-image", "gemini-3.1-flash-image"]
ALIVE = ["gemini-3-pro-image", "gemini-3.1-flash-lite-image", "gemini-nano-banana-2.1"]
UNKNOWN = "Invalid JSON payload received. Unknown name"
REFUSED = [
    ({"n": 4}, f'{UNKNOWN} "n": Cannot find field.'),
    ({"Contents": FOX}, f'{UNKNOWN} "Contents": Cannot find field.'),
    (
        {"generationConfig": {"size": "1024x1024"}},
        f"{UNKNOWN} \"size\" at 'generation_config': Cannot find field.",
    ),
    (
        {"generationConfig": {"imageConfig": {"outputMimeType": "image/png"}}},
        f"{UNKNOWN} \"outputMimeType\" at 'generation_config.image_config': Cannot find field.",
    ),
    (
        {"contents": [{"parts": [{"words": "A fox"}]}]},
        f"{UNKNOWN} \"words\" at 'contents[0].parts[0]': Cannot find field.",
    ),
    ({"contents": None}, "GenerateContentRequest.contents: contents is not specified"),
    ({"contents": []}, "GenerateContentRequest.contents: contents is not specified"),
    ({"contents": [{"parts": []}]}, "contents[0].parts: contents.parts must not be empty."),
    ({"contents": [*FOX, {}]}, "contents[1].parts: contents.parts must not be empty."),
    ({"contents": [{"parts": [{}]}]}, "'data' must have one initialized field"),
    ({"contents": [{"role": "system", "parts": [{"text": "A fox"}]}]}, "valid role: user, model"),
    ({"contents": "A fox"}, "Invalid value at 'contents' (a list), \"A fox\""),
    ({"contents": ["A fox"]}, "Invalid value at 'contents[0]' (a message), \"A fox\""),
    (
        {"contents": [{"parts": [{"text": 7}]}]},
        "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 7",
    ),
    (
        {"contents": [{"parts": [{"text": "x" * 131_073}]}]},
        "The input token count (32769) exceeds the maximum number of tokens allowed (32768).",
    ),
    ({"generationConfig": "IMAGE"}, "Invalid value at 'generation_config'"),
    (
        {"generationConfig": {"responseModalities": ["SMELL"]}},
        "Invalid value at 'generation_config.response_modalities[0]' (TYPE_ENUM), \"SMELL\"",
    ),
    (
        {"generationConfig": {"candidateCount": "2"}},
        "Invalid value at 'generation_config.candidate_count' (TYPE_INT32), \"2\"",
    ),
    ({"generationConfig": {"seed": True}}, "(TYPE_INT32), true"),
    ({"generationConfig": {"temperature": "hot"}}, '(TYPE_FLOAT), "hot"'),
    (
        {"generationConfig": {"candidateCount": 2}},
        "Multiple candidates is not enabled for this model",
    ),
    (
        {"generationConfig": {"responseMimeType": "image/png"}},
        "generation_config.response_mime_type: allowed mimetypes are `text/plain`, ",
    ),
    (
        {"generationConfig": {"imageConfig": {"aspectRatio": "7:3"}}},
        "generation_config.image_config.aspect_ratio: aspect_ratio must be one of '1:1', '2:3', ",
    ),
    (
        {"generationConfig": {"imageConfig": {"imageSize": "2k"}}},
        "generation_config.image_config.image_size: image_size must be one of '512', '1K', '2K', or"
        " '4K'.",
    ),
    ({"safetySettings": [{"category": 1}]}, "'safety_settings[0].category' (TYPE_STRING), 1"),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_a_broken_rule_is_refused_in_the_envelope_of_google(sandbox, gemini, fields, message):
    response = gemini(**fields)

    error = response.json()["error"]
    assert response.status_code == 400
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert message in error["message"]
    assert [entry["billed"] for entry in sandbox.entries()] == [False]


def test_an_unknown_field_is_detailed(gemini):
    error = gemini(generationConfig={"size": "1024x1024"}).json()["error"]

    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "generation_config", "description": error["message"]}],
        }
    ]


@pytest.mark.parametrize("content", [b"", b"[]", b"{"])
def test_a_body_that_is_no_json_object_is_refused(http, content):
    path = "/gemini/v1beta/models/gemini-nano-banana-2.1:generateContent"
    response = http.post(path, content=content, headers=HEADERS)

    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image", "gemini-3-pro-image"])
@pytest.mark.parametrize("ratio", ["1:4", "4:1", "1:8", "8:1"])
def test_the_four_extreme_ratios_are_for_newer_models_only(gemini, model, ratio):
    response = gemini(model=model, config={"imageConfig": {"aspectRatio": ratio}})

    assert response.status_code == 400
    assert "or '21:9'." in response.json()["error"]["message"]


@pytest.mark.parametrize("image_size", ["1K", "2K"])
def test_the_size_of_2_5_cannot_be_asked_for(gemini, image_size):
    config = {"imageConfig": {"imageSize": image_size}}
    response = gemini(model="gemini-2.5-flash-image", config=config)

    assert response.status_code == 400
    assert "image_size is not supported" in response.json()["error"]["message"]


@pytest.mark.parametrize("model", ALIVE)
@pytest.mark.parametrize("image_size", ["512", "1k", "3K"])
def test_other_models_know_three_sizes(gemini, model, image_size):
    response = gemini(model=model, config={"imageConfig": {"imageSize": image_size}})

    assert "must be one of '1K', '2K', or '4K'." in response.json()["error"]["message"]


def test_snake_case_and_nulls_are_understood(gemini, images_of, opened):
    config = {
        "response_modalities": ["Image"],
        "image_config": {"aspect_ratio": "21:9", "image_size": "512"},
        "candidate_count": 1,
        "response_mime_type": None,
        "temperature": 1,
    }
    settings = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    response = gemini(
        contents=[{"role": "user", "parts": [{"text": "A"}, {"text": "fox"}]}],
        safety_settings=settings,
        generationConfig=None,
        generation_config=config,
    )

    assert opened(images_of(response)[0]).size == (792, 336)


def test_a_request_without_a_key_is_403(http):
    path = "/gemini/v1beta/models/gemini-nano-banana-2.1:generateContent"
    response = http.post(path, json={"contents": FOX})

    error = response.json()["error"]
    assert (response.status_code, error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"].startswith("Method doesn't allow unregistered callers")


def test_a_key_that_is_called_invalid_is_400_and_not_401(gemini):
    response = gemini(headers={"x-goog-api-key": "AIza-invalid-secret"})

    message = "API key not valid. Please pass a valid API key."
    assert response.status_code == 400
    assert response.json()["error"] == {
        "code": 400,
        "message": message,
        "status": "INVALID_ARGUMENT",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            },
            {
                "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
                "locale": "en-US",
                "message": message,
            },
        ],
    }


def test_a_key_in_the_query_counts_and_stays_out_of_the_log(sandbox, http):
    path = "/gemini/v1beta/models/gemini-nano-banana-2.1:generateContent"
    config = {"responseModalities": ["TEXT"]}
    response = http.post(
        path,
        params={"key": "AIza-secret-0123456789-wxyz"},
        json={"contents": FOX, "generationConfig": config},
    )

    assert response.status_code == 200
    (entry,) = sandbox.entries()
    assert (entry["path"], entry["key"]) == (path, "wxyz")
    assert "secret" not in sandbox.log.path.read_text()


@pytest.mark.parametrize("host", ["gemini", "gemini v1", "cloud"])
@pytest.mark.parametrize("model", ALIVE)
def test_living_models_answer_on_every_route(gemini, host, model):
    assert gemini(host=host, model=model, config={"responseModalities": ["TEXT"]}).is_success


@pytest.mark.parametrize("model", RETIRED)
def test_models_that_google_shut_down_live_on_in_the_cloud(gemini, model):
    config = {"responseModalities": ["TEXT"]}
    assert gemini(host="cloud", model=model, config=config).status_code == 200
    for host, version in (("gemini", "v1beta"), ("gemini v1", "v1")):
        response = gemini(host=host, model=model, config=config)
        error = response.json()["error"]
        assert (response.status_code, error["status"]) == (404, "NOT_FOUND")
        assert f"models/{model} is not found for API version {version}, " in error["message"]


@pytest.mark.parametrize("host", ["gemini", "cloud"])
def test_an_unknown_model_is_not_found(gemini, host):
    response = gemini(host=host, model="gemini-2.5-flash-image-preview")
    assert (response.status_code, response.json()["error"]["code"]) == (404, 404)


@pytest.mark.parametrize("model", RETIRED)
def test_a_marker_brings_a_retired_model_back(sandbox, gemini, model):
    response = gemini(
        "A fox [[sandbox:model_alive]]",
        host="gemini",
        model=model,
        config={"responseModalities": ["TEXT"]},
    )

    assert response.json()["modelVersion"] == model
    assert sandbox.entries()[0]["fault"] == "model_alive"


def test_no_other_marker_brings_a_retired_model_back(gemini):
    response = gemini("A fox [[sandbox:slow latency=0]]", host="gemini", model=RETIRED[0])
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gemini/v1beta/models/gemini-3-pro-image:generateContent"),
        ("POST", "/gemini/v1beta/models"),
        ("POST", "/gemini/v1beta/models/gemini-3-pro-image:streamGenerateContent"),
        ("POST", "/gemini/v1beta/publishers/google/models/gemini-3-pro-image:generateContent"),
        ("POST", "/gemini-cloud/v1beta1/models/gemini-3-pro-image:generateContent"),
    ],
)
def test_other_addresses_answer_with_a_page(http, method, path):
    response = http.request(method, path, headers=HEADERS)

    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html"
