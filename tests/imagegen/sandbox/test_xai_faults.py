import pytest

from imagegen.sandbox.xai_faults import OLD_CODES, REFUSALS

BROWSER = {"User-Agent": "Mozilla/5.0"}
OLD = "Some resource has been exhausted"
CREDITS = "has either used all available credits or reached its monthly spending limit"
# Marker, status, code, a part of the text, whether it is billed.
REFUSED = [
    ("bad_key", 400, "invalid-argument", "Incorrect API key provided: xai-****.", False),
    ("verify", 403, "permission-denied", "not allowed to use the model", False),
    ("moderation_input", 400, "invalid-argument", "rejected by content moderation", False),
    ("moderation_output", 400, "invalid-argument", "Generated image rejected by content", True),
    ("rate_limit", 429, "resource-exhausted", "Too many requests for team", False),
    ("rate_limit_old", 429, OLD, "Requests per Minute (actual/limit): 2/2", False),
    ("quota", 403, "permission-denied", CREDITS, False),
    ("quota_old", 429, OLD, CREDITS, False),
    ("invalid_option param=seed", 400, "invalid-argument", "Argument not supported: seed", False),
    ("model_gone", 404, "not-found", "The model grok-imagine-image does not exist", False),
    ("server_error", 500, "internal-error", "", True),
    ("server_error status=529", 529, "service-unavailable", "", True),
    ("unavailable_once", 503, "service-unavailable", "", True),
    ("error_200", 200, "internal-error", "", True),
]
CHANGED_ANSWERS = {
    *("redirected", "silent_redirect", "ticks_off", "ticks_missing", "url_instead"),
    *("withheld_in_list", "png", "mime_null", "text_only", "data_null", "other_request"),
    "revised_prompt",
}


@pytest.fixture
def faulty(grok):
    def faulty(marker, **fields):
        return grok(f"A fox [[sandbox:{marker}]]", **fields)

    return faulty


@pytest.mark.parametrize(("marker", "status", "code", "text", "billed"), REFUSED)
def test_a_refusal_has_its_words_and_is_billed_or_not(
    sandbox, faulty, marker, status, code, text, billed
):
    response = faulty(marker)

    (entry,) = sandbox.entries()
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert text in response.json()["error"]
    assert (entry["status"], entry["billed"], entry["fault"]) == (status, billed, marker)
    assert response.headers["x-request-id"] == entry["request_id"]


@pytest.mark.parametrize(("marker", "status", "code", "text"), [row[:4] for row in REFUSED])
def test_every_refusal_can_come_in_the_nested_envelope(faulty, marker, status, code, text):
    response = faulty(f"{marker} envelope=nested")

    error = response.json()["error"]
    assert response.status_code == status
    assert set(error) == {"message", "type", "code", "param"}
    assert error["code"] == code
    assert text in error["message"]


@pytest.mark.parametrize("envelope", ["flat", "nested"])
@pytest.mark.parametrize(("marker", "status", "code"), [row[:3] for row in REFUSED])
def test_every_refusal_can_have_the_long_code(faulty, marker, status, code, envelope):
    answer = faulty(f"{marker} codes=old envelope={envelope}").json()

    said = answer["code"] if envelope == "flat" else answer["error"]["code"]
    assert said == OLD_CODES.get(code, code)


def test_every_fault_is_tested():
    tested = {marker.partition(" ")[0] for marker, *_ in REFUSED}
    assert set(REFUSALS) - tested == {*CHANGED_ANSWERS, "unprocessable"}


@pytest.mark.parametrize("argument", ["envelope=flatt", "codes=older"])
def test_a_choice_that_does_not_exist_is_refused(faulty, argument):
    response = faulty(f"quota {argument}")

    assert response.status_code == 400
    assert response.json()["error"].endswith(("flat or nested.", "new or old."))


def test_a_body_that_cannot_be_read_is_422_in_plain_text(sandbox, faulty):
    response = faulty("unprocessable")

    assert (response.status_code, sandbox.entries()[0]["billed"]) == (422, False)
    assert response.text.startswith("Failed to deserialize the JSON body")


@pytest.mark.parametrize("envelope", ["flat", "nested"])
def test_a_withheld_image_is_charged(faulty, envelope):
    answer = faulty(f"moderation_output envelope={envelope}", n=2).json()
    assert answer["usage"] == {"cost_in_usd_ticks": 400_000_000}


def test_a_refused_prompt_is_not_charged(faulty):
    assert "usage" not in faulty("moderation_input").json()


@pytest.mark.parametrize("marker", ["rate_limit", "rate_limit_old"])
def test_a_rate_limit_sends_the_hint_as_it_was_asked(faulty, marker):
    assert "retry-after" not in faulty(marker).headers
    assert faulty(f"{marker} retry-after=7").headers["retry-after"] == "7"


def test_what_is_unavailable_once_is_well_the_second_time(faulty):
    assert [faulty("unavailable_once").status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(("marker", "names"), [("redirected", True), ("silent_redirect", False)])
@pytest.mark.parametrize("model", ["grok-imagine-image", "grok-imagine-image-quality"])
def test_any_model_can_be_served_by_another(faulty, marker, names, model):
    answer = faulty(marker, model=model, n=2, resolution="2k").json()

    assert answer["usage"]["cost_in_usd_ticks"] == 2 * 600_000_000
    assert answer.get("model") == ("grok-imagine-image-2.0" if names else None)


def test_the_cost_can_differ_from_the_list_price(faulty):
    assert faulty("ticks_off ticks=17").json()["usage"] == {"cost_in_usd_ticks": 17}


def test_the_cost_can_be_missing(faulty):
    assert "usage" not in faulty("ticks_missing").json()


@pytest.mark.parametrize("drop", [1, 2, 3])
def test_a_list_can_have_gaps_where_images_were_withheld(faulty, files_of, drop):
    response = faulty(f"withheld_in_list drop={drop}", n=2)

    gaps = [entry for entry in response.json()["data"] if "respect_moderation" in entry]
    assert len(gaps) == min(drop, 2)
    assert all(not entry["respect_moderation"] and not entry["b64_json"] for entry in gaps)
    assert [bool(file) for file in files_of(response)] == [True] * (2 - len(gaps)) + [False] * len(
        gaps
    )
    assert response.json()["usage"] == {"cost_in_usd_ticks": 400_000_000}


def test_an_address_can_come_though_an_image_was_asked(http, faulty, opened):
    (entry,) = faulty("url_instead").json()["data"]

    assert "b64_json" not in entry
    assert opened(http.get(entry["url"], headers=BROWSER).content).format == "JPEG"


@pytest.mark.parametrize("host", ["evil.example", "169.254.169.254", "localhost:1"])
def test_an_address_can_lead_to_a_foreign_or_private_host(faulty, host):
    (entry,) = faulty(f"url_instead host={host}").json()["data"]
    assert entry["url"].startswith(f"https://{host}/xai-imgen/xai-tmp-")


def test_damage_reaches_the_image_behind_an_address(http, faulty):
    (entry,) = faulty("svg", response_format="url").json()["data"]
    assert http.get(entry["url"], headers=BROWSER).content.startswith(b"<svg")


def test_png_can_come_and_say_so(faulty, files_of, opened):
    response = faulty("png")

    assert response.json()["data"][0]["mime_type"] == "image/png"
    assert opened(files_of(response)[0]).format == "PNG"


def test_png_can_come_declared_as_jpeg(faulty, files_of, opened):
    response = faulty("wrong_format")

    assert response.json()["data"][0]["mime_type"] == "image/jpeg"
    assert opened(files_of(response)[0]).format == "PNG"


def test_the_type_can_be_null(faulty, files_of, opened):
    response = faulty("mime_null")

    assert response.json()["data"][0]["mime_type"] is None
    assert opened(files_of(response)[0]).format == "JPEG"


def test_an_answer_may_hold_words_only_or_no_list(faulty):
    assert not {"b64_json", "url"} & set(faulty("text_only").json()["data"][0])
    assert faulty("data_null").json()["data"] is None


def test_the_answer_to_another_request_does_not_match(sandbox, faulty):
    response = faulty("other_request")

    assert response.headers["x-request-id"] != sandbox.entries()[0]["request_id"]
    assert response.json()["model"] == "grok-imagine-video"
