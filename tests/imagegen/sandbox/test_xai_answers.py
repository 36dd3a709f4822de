import httpx
import pytest

from imagegen.sandbox.xai_rules import RATIOS, size_of

BROWSER = {"User-Agent": "Mozilla/5.0"}
QUALITY = "grok-imagine-image-quality"
# Typed from the table of the wire reference, 2.4, in ticks: a cent is 100,000,000.
PRICES = [
    ({"model": "grok-imagine-image"}, 200_000_000),
    ({"model": "grok-imagine-image", "resolution": "2k"}, 200_000_000),
    ({"model": "grok-imagine-image-2026-03-02"}, 200_000_000),
    ({"model": QUALITY}, 400_000_000),
    ({"model": QUALITY, "resolution": "2k"}, 600_000_000),
    ({"model": QUALITY, "quality": "medium"}, 400_000_000),
    ({"model": "grok-imagine-image-2.0"}, 400_000_000),
    ({"model": "grok-imagine-image-2.0", "quality": "auto"}, 400_000_000),
    ({"model": "grok-imagine-image-2.0", "quality": "low", "resolution": "2k"}, 600_000_000),
    ({"model": "grok-imagine-image-2.0", "quality": "medium"}, 600_000_000),
    ({"model": "grok-imagine-image-2.0", "quality": "medium", "resolution": "2k"}, 800_000_000),
]
REDIRECTED = [QUALITY, f"{QUALITY}-20260403", f"{QUALITY}-latest", "grok-imagine-image-pro"]


@pytest.fixture
def addresses(grok):
    def addresses(**fields):
        images = grok(response_format="url", **fields).json()["data"]
        return [image["url"] for image in images]

    return addresses


@pytest.mark.parametrize(("fields", "ticks"), PRICES)
def test_an_image_costs_the_ticks_of_the_price_table(grok, fields, ticks):
    assert grok(**fields).json()["usage"]["cost_in_usd_ticks"] == ticks


def test_every_image_of_a_request_is_billed(sandbox, grok, files_of):
    response = grok(n=3)

    assert len(set(files_of(response))) == 3
    assert response.json()["usage"] == {"cost_in_usd_ticks": 600_000_000}
    (entry,) = sandbox.entries()
    assert (entry["provider"], entry["billed"], entry["status"]) == ("xai", True, 200)
    assert entry["request_id"] == response.headers["x-request-id"]
    assert entry["key"] == "abcd"


@pytest.mark.parametrize("model", REDIRECTED)
def test_a_redirected_model_names_the_one_that_served(grok, model):
    assert grok(model=model).json()["model"] == "grok-imagine-image-2.0"


@pytest.mark.parametrize("model", ["grok-imagine-image", "grok-imagine-image-2.0"])
def test_a_model_that_serves_itself_is_not_named(grok, model):
    assert set(grok(model=model).json()) == {"data", "usage"}


def test_the_model_2_0_counts_tokens_too(grok):
    usage = grok("A red fox in snow", model="grok-imagine-image-2.0", n=2).json()["usage"]

    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["input_tokens_details"]["text_tokens"] == usage["input_tokens"]
    assert usage["output_tokens_details"]["image_tokens"] == usage["output_tokens"]


@pytest.mark.parametrize(("resolution", "edge"), [(None, 1024), ("1k", 1024), ("2k", 2048)])
def test_a_square_is_a_jpeg_of_1024_or_2048_pixels(grok, files_of, opened, resolution, edge):
    response = grok(resolution=resolution)

    (entry,) = response.json()["data"]
    image = opened(files_of(response)[0])
    assert entry["mime_type"] == "image/jpeg"
    assert (image.format, image.size) == ("JPEG", (edge, edge))


@pytest.mark.parametrize("resolution", ["1k", "2k"])
@pytest.mark.parametrize("ratio", [ratio for ratio in RATIOS if ratio != "auto"])
def test_other_ratios_keep_the_area_with_sides_that_16_divides(ratio, resolution):
    width, height = size_of(ratio, resolution)

    across, down = (float(part) for part in ratio.split(":"))
    pixels = {"1k": 1024**2, "2k": 2048**2}[resolution]
    assert (width % 16, height % 16) == (0, 0)
    assert width / height == pytest.approx(across / down, rel=0.02)
    assert width * height == pytest.approx(pixels, rel=0.02)


def test_an_image_has_the_ratio_that_was_asked(grok, files_of, opened):
    assert opened(files_of(grok(aspect_ratio="2:1"))[0]).size == (1456, 720)


def test_the_automatic_ratio_differs_from_prompt_to_prompt(grok, files_of, opened):
    prompts = ["A fox", "A lighthouse", "A ship"]
    files = [files_of(grok(prompt, aspect_ratio=None))[0] for prompt in prompts]
    assert len({opened(file).size for file in files}) > 1


def test_an_address_is_the_default_and_brings_the_image(sandbox, http, opened):
    body = {"model": "grok-imagine-image", "prompt": "A fox"}
    headers = {"Authorization": "Bearer xai-0123456789"}
    (entry,) = http.post("/xai/v1/images/generations", json=body, headers=headers).json()["data"]

    assert set(entry) == {"url", "mime_type"}
    assert entry["url"].startswith(f"{sandbox.base_url}/xai/xai-imgen/xai-tmp-")
    response = http.get(entry["url"], headers=BROWSER)
    assert response.headers["content-type"] == "image/jpeg"
    assert opened(response.content).format == "JPEG"


def test_every_image_has_its_own_address(addresses):
    assert len(set(addresses(n=3))) == 3


@pytest.mark.parametrize(
    "agent",
    [
        "Python-urllib/3.11",
        "python-requests/2.32",
        "python-httpx/0.28.1",
        "Python/3.11 aiohttp/3.12",
        "",
    ],
)
def test_an_address_turns_a_bare_client_away(http, addresses, agent):
    (address,) = addresses()
    assert http.get(address, headers={"User-Agent": agent}).status_code == 403


def test_an_address_that_expired_is_not_found(http, addresses):
    (address,) = addresses(prompt="A fox [[sandbox:url_instead expires=0]]")
    assert http.get(address, headers=BROWSER).status_code == 404


def test_an_address_that_never_was_is_not_found(http):
    assert http.get("/xai/xai-imgen/xai-tmp-1.jpeg", headers=BROWSER).status_code == 404


def test_the_models_can_be_listed_with_their_prices(http):
    headers = {"Authorization": "Bearer xai-0123456789"}
    models = http.get("/xai/v1/image-generation-models", headers=headers).json()["models"]

    first, second = models
    assert (first["id"], first["aliases"]) == (
        "grok-imagine-image",
        ["grok-imagine-image-2026-03-02"],
    )
    assert (first["image_price"], first["max_prompt_length"]) == (200_000_000, 64_000)
    assert "pricing" not in first
    assert second["id"] == "grok-imagine-image-2.0"
    assert second["aliases"] == REDIRECTED
    assert {"quality": "medium", "resolution": "2k", "price_per_image": 800_000_000} in second[
        "pricing"
    ]
    assert len(second["pricing"]) == 4


@pytest.mark.parametrize("name", ["grok-imagine-image-2.0", *REDIRECTED])
def test_a_model_is_found_by_its_name_and_its_aliases(http, name):
    headers = {"Authorization": "Bearer xai-0123456789"}
    response = http.get(f"/xai/v1/image-generation-models/{name}", headers=headers)
    assert response.json()["id"] == "grok-imagine-image-2.0"


def test_a_model_that_does_not_exist_is_not_found(http):
    headers = {"Authorization": "Bearer xai-0123456789"}
    response = http.get("/xai/v1/image-generation-models/grok-2", headers=headers)
    assert response.status_code == 404


def test_the_list_of_models_needs_a_key(sandbox):
    address = f"{sandbox.base_url}/xai/v1/image-generation-models"
    assert httpx.get(address).status_code == 401
