import pytest

from imagegen.sandbox import gemini_rules as rules

HEADERS = {"x-goog-api-key": "AIza-0123456789-abcd"}
IMAGE = {"responseModalities": ["IMAGE"]}
# Typed from the tables of the wire reference, 3.1.
SIZES_OF_2_5 = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
SIZES_OF_3 = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
TOKENS = [
    ("gemini-2.5-flash-image", None, 1290),
    ("gemini-3.1-flash-image", "512", 747),
    ("gemini-3.1-flash-image", "1K", 1120),
    ("gemini-3.1-flash-image", "2K", 1680),
    ("gemini-3.1-flash-image", "4K", 2520),
    ("gemini-3.1-flash-lite-image", "1K", 1120),
    ("gemini-nano-banana-2.1", None, 1120),
    ("gemini-nano-banana-2.1", "2K", 1680),
    ("gemini-nano-banana-2.1", "4K", 2520),
    ("gemini-3-pro-image", "1K", 1120),
    ("gemini-3-pro-image", "2K", 1120),
    ("gemini-3-pro-image", "4K", 2000),
]
WORDS_FIRST = [["TEXT", "IMAGE"], ["image", "text"], ["Text", "Image"], [], None]


def test_the_whole_answer_of_2_5(sandbox, gemini):
    response = gemini("A red fox in snow", config=IMAGE, model="gemini-2.5-flash-image")

    answer = response.json()
    (part,) = answer["candidates"][0]["content"].pop("parts")
    (entry,) = sandbox.entries()
    assert part["inlineData"]["mimeType"] == "image/png"
    assert answer == {
        "candidates": [{"content": {"role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 5,
            "candidatesTokenCount": 1290,
            "totalTokenCount": 1295,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
        },
        "modelVersion": "gemini-2.5-flash-image",
        "responseId": entry["request_id"],
    }
    assert "x-request-id" not in response.headers
    assert (entry["provider"], entry["status"], entry["billed"]) == ("gemini", 200, True)
    assert entry["key"] == "abcd"


@pytest.mark.parametrize(("model", "image_size", "tokens"), TOKENS)
def test_an_image_costs_the_tokens_of_its_size(
    gemini, opened, images_of, model, image_size, tokens
):
    image_config = {"imageSize": image_size} if image_size else {}
    response = gemini(model=model, config={**IMAGE, "imageConfig": image_config})

    usage = response.json()["usageMetadata"]
    edge = {"512": 512, "2K": 2048, "4K": 4096}.get(image_size, 1024)
    image = opened(images_of(response)[0])
    assert usage["candidatesTokenCount"] == tokens
    assert usage["candidatesTokensDetails"] == [{"modality": "IMAGE", "tokenCount": tokens}]
    assert image.size == (edge, edge)
    assert image.format == ("PNG" if model == "gemini-2.5-flash-image" else "JPEG")


@pytest.mark.parametrize(
    ("model", "sizes"),
    [
        ("gemini-2.5-flash-image", SIZES_OF_2_5),
        ("gemini-3-pro-image", SIZES_OF_3),
        ("gemini-nano-banana-2.1", SIZES_OF_3),
    ],
)
def test_every_ratio_has_the_pixels_of_the_vendors_table(model, sizes):
    assert {ratio: rules.MODELS[model].size(ratio, "1K") for ratio in sizes} == sizes


def test_2k_and_4k_double_and_quadruple_the_sides():
    sizes = [rules.MODELS["gemini-3-pro-image"].size("16:9", name) for name in ("2K", "4K")]
    assert sizes == [(2752, 1536), (5504, 3072)]


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("1:4", (256, 1024)), ("4:1", (1024, 256)), ("1:8", (192, 1536)), ("8:1", (1536, 192))],
)
def test_the_extreme_ratios_can_be_drawn(gemini, images_of, opened, ratio, size):
    config = {**IMAGE, "imageConfig": {"aspectRatio": ratio, "imageSize": "512"}}
    assert opened(images_of(gemini(config=config))[0]).size == size


@pytest.mark.parametrize("modalities", WORDS_FIRST)
def test_words_come_before_the_image_unless_only_an_image_was_asked(gemini, parts_of, modalities):
    config = {"imageConfig": {"imageSize": "512"}, "responseModalities": modalities}
    response = gemini(config=config)

    first, second = parts_of(response)
    usage = response.json()["usageMetadata"]
    assert set(first) == {"text"}
    assert second["inlineData"]["mimeType"] == "image/jpeg"
    assert usage["candidatesTokensDetails"] == [
        {"modality": "TEXT", "tokenCount": 5},
        {"modality": "IMAGE", "tokenCount": 747},
    ]
    assert usage["candidatesTokenCount"] == 752


@pytest.mark.parametrize("modality", ["TEXT", "text"])
def test_only_words_come_when_no_image_was_asked(gemini, parts_of, modality):
    response = gemini(config={"responseModalities": [modality]})

    (part,) = parts_of(response)
    assert set(part) == {"text"}
    assert response.json()["usageMetadata"]["candidatesTokensDetails"][0]["modality"] == "TEXT"


@pytest.mark.parametrize("model", list(rules.MODELS))
def test_newer_models_bill_their_thinking_on_top(gemini, model):
    usage = gemini(model=model, config={"responseModalities": ["TEXT"]}).json()["usageMetadata"]

    thoughts = usage.get("thoughtsTokenCount", 0)
    counted = usage["promptTokenCount"] + usage["candidatesTokenCount"]
    assert (thoughts > 0) == (model != "gemini-2.5-flash-image")
    assert usage["totalTokenCount"] == counted + thoughts


def test_calls_with_one_prompt_make_different_images_unless_a_seed_is_given(gemini, images_of):
    config = {**IMAGE, "imageConfig": {"imageSize": "512"}}
    free = [images_of(gemini(config=config))[0] for _ in range(2)]
    seeded = [images_of(gemini(config={**config, "seed": 7}))[0] for _ in range(2)]

    assert len({*free, *seeded}) == 3


@pytest.mark.parametrize("version", ["v1beta", "v1"])
def test_the_living_models_can_be_listed(http, version):
    models = http.get(f"/gemini/{version}/models", headers=HEADERS).json()["models"]

    assert [model["name"] for model in models] == [
        "models/gemini-3-pro-image",
        "models/gemini-3.1-flash-lite-image",
        "models/gemini-nano-banana-2.1",
    ]
    assert models[0]["supportedGenerationMethods"] == ["generateContent"]


def test_the_models_of_the_cloud_can_be_listed(http):
    path = "/gemini-cloud/v1beta1/publishers/google/models"
    models = http.get(path, headers=HEADERS).json()["publisherModels"]

    assert {"name": "publishers/google/models/gemini-2.5-flash-image"} in models
    assert len(models) == len(rules.MODELS)
