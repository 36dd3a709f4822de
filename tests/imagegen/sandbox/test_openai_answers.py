import json
import math

import pytest

from imagegen.sandbox.openai import image_tokens

# Typed from the table of the wire reference, 1.5: low, medium, high.
TOKENS = {
    (1024, 1024): (196, 1756, 7024),
    (1536, 1024): (158, 1372, 5488),
    (1024, 1536): (158, 1372, 5488),
    (1536, 864): (120, 1078, 4312),
    (1792, 1024): (139, 1243, 5063),
    (2048, 1152): (157, 1413, 5650),
    (2048, 2048): (397, 3568, 14272),
    (2560, 1440): (205, 1843, 7370),
    (3840, 2160): (371, 3336, 13342),
    (2160, 3840): (371, 3336, 13342),
    (2880, 2880): (659, 5930, 23719),
}


def events_of(response):
    events = []
    for block in response.text.split("\n\n"):
        if block:
            name, content = block.split("\n", 1)
            event = json.loads(content.removeprefix("data: "))
            assert name == f"event: {event['type']}"
            events.append(event)
    return events


@pytest.mark.parametrize(("size", "tokens"), TOKENS.items())
def test_an_image_costs_the_tokens_of_the_price_table(size, tokens):
    qualities = ("low", "medium", "high")
    assert tuple(image_tokens("gpt-image-2", size, quality) for quality in qualities) == tokens


def test_a_model_of_2_5_costs_twice_the_tokens():
    assert image_tokens("gpt-image-2.5-flare", (1024, 1024), "low") == 392


def test_usage_counts_all_images_and_the_prompt_once(generate):
    answer = generate("A red fox in snow", n=3, quality="low", size="1024x1024").json()

    assert answer["usage"] == {
        "input_tokens": 5,
        "input_tokens_details": {"text_tokens": 5, "image_tokens": 0},
        "output_tokens": 588,
        "output_tokens_details": {"image_tokens": 588, "text_tokens": 0},
        "total_tokens": 593,
    }


def test_automatic_choices_are_reported_as_what_was_made(generate, files_of, opened):
    response = generate(size="auto", quality="auto", background="auto", user="u1")

    answer = response.json()
    assert set(answer) == {
        *("created", "background", "output_format", "quality", "size"),
        *("safety_identifier", "data", "usage"),
    }
    assert type(answer["created"]) is int
    assert (answer["size"], answer["quality"]) == ("1024x1024", "medium")
    assert (answer["background"], answer["output_format"]) == ("opaque", "png")
    assert answer["safety_identifier"] == "u1"
    assert opened(files_of(response)[0]).size == (1024, 1024)
    assert response.headers["x-request-id"].startswith("req_")
    assert response.headers["openai-version"] == "2020-10-01"
    assert response.headers["openai-processing-ms"].isdecimal()


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_a_file_has_the_format_and_size_that_were_asked(generate, files_of, opened, output_format):
    image = opened(files_of(generate(output_format=output_format, size="1536x864"))[0])

    assert image.format == output_format.upper()
    assert image.size == (1536, 864)
    assert "A" not in image.getbands()


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_a_transparent_background_is_clear_outside_and_opaque_inside(
    generate, files_of, opened, output_format
):
    response = generate(background="transparent", output_format=output_format)

    alpha = opened(files_of(response)[0]).getchannel("A")
    assert response.json()["background"] == "transparent"
    assert alpha.getpixel((2, 2)) == 0
    assert alpha.getpixel((408, 408)) == 255


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
def test_compression_changes_the_weight_of_a_file(generate, files_of, output_format):
    weights = [
        len(files_of(generate(output_format=output_format, output_compression=level))[0])
        for level in (10, 90)
    ]
    assert weights[0] * 1.3 < weights[1]


def test_every_prompt_and_index_has_its_own_picture_and_keeps_it(generate, files_of):
    first = files_of(generate("A lighthouse", n=3))

    assert len({*first, *files_of(generate("A lightship", n=2))}) == 5
    assert files_of(generate("A lighthouse", n=3)) == first


def test_a_png_carries_a_manifest_before_its_pixels(generate, files_of):
    file = files_of(generate())[0]
    assert (file[12:16], file[37:41]) == (b"IHDR", b"caBX")


@pytest.mark.parametrize("prompt", ["日本語 مرحبا 😀", "\0\t\n\x1b", "W" * 32_000, "a\nb " * 900])
def test_any_text_can_be_drawn(generate, files_of, opened, prompt):
    assert opened(files_of(generate(prompt))[0]).size == (816, 816)


def test_half_of_a_surrogate_pair_can_be_drawn(client):
    body = r'{"model": "gpt-image-2", "prompt": "\ud800 alone", "size": "816x816"}'
    assert client.post("/images/generations", content=body).status_code == 200


def test_a_stream_sends_partial_images_and_bills_them(generate, opened):
    response = generate("A red fox in snow", stream=True, partial_images=2, quality="low", n=2)

    events = events_of(response)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert [event["type"].partition(".")[2] for event in events] == [
        *("partial_image", "partial_image", "completed"),
        *("partial_image", "partial_image", "completed"),
    ]
    assert [event.get("partial_image_index") for event in events] == [0, 1, None] * 2
    made = image_tokens("gpt-image-2", (816, 816), "low") + 200
    assert events[2]["usage"] == {
        "input_tokens": math.ceil(17 / 4),
        "input_tokens_details": {"text_tokens": 5, "image_tokens": 0},
        "output_tokens": made,
        "total_tokens": made + 5,
    }
    assert events[5]["usage"]["input_tokens"] == 0
    assert len({event["b64_json"] for event in events}) == 4


def test_a_stream_without_partial_images_only_completes(generate):
    assert len(events_of(generate(stream=True))) == 1


def test_the_models_can_be_listed(client):
    models = [entry["id"] for entry in client.get("/models").json()["data"]]
    assert {"gpt-image-2", "gpt-image-2-2026-04-21", "gpt-image-2.5-sunburst"} <= set(models)
