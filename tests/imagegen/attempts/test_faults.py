"""Every fault that a provider can hand us: the row of the one table that it ends in, the money, and
one request in the provider's own log."""

import socket

import pytest

from imagegen import catalogue
from imagegen.errors import Fault
from imagegen.models import Attempt, Charge, Part, Storage, Wallet
from imagegen.outcomes import Outcome
from imagegen.providers import registry

GRANT = 25_000_000
MODELS = {
    "openai": "gpt-image-2",
    "xai": "grok-imagine-image",
    "gemini": "gemini-2.5-flash-image",
}
STATES = {
    Outcome.REJECTED: "rejected",
    Outcome.BILLED_EMPTY: "billed_empty",
    Outcome.UNKNOWN: "unknown",
}

# What can stand between us and any provider, and what any of them can do wrong.
OF_ANY = [
    ("redirect", Fault.REDIRECTED),
    ("server_error status=500", Fault.PROVIDER_ERROR),
    ("server_error status=502", Fault.PROVIDER_ERROR),
    ("server_error status=503", Fault.PROVIDER_ERROR),
    ("server_error status=504", Fault.PROVIDER_ERROR),
    ("server_error status=529", Fault.PROVIDER_ERROR),
    ("unavailable_once", Fault.PROVIDER_ERROR),
    ("html_502", Fault.PROVIDER_ERROR),
    ("html_200", Fault.ANSWER_UNEXPECTED),
    ("no_content", Fault.NO_IMAGE),
    ("empty_body", Fault.NO_IMAGE),
    ("no_images", Fault.NO_IMAGE),
    ("data_null", Fault.NO_IMAGE),
    ("error_200", Fault.NO_IMAGE),
    ("truncated_json", Fault.ANSWER_UNREADABLE),
    ("base64_corrupt", Fault.IMAGE_DAMAGED),
    ("corrupt_image", Fault.IMAGE_DAMAGED),
    ("bomb", Fault.IMAGE_TOO_LARGE),
    ("svg", Fault.IMAGE_TYPE_REFUSED),
    ("html_image", Fault.IMAGE_TYPE_REFUSED),
    ("animated_gif", Fault.IMAGE_TYPE_REFUSED),
    ("gzip", Fault.ANSWER_UNEXPECTED),
    ("drop_before_headers", Fault.CONNECTION_BROKE),
    ("drop_after_headers", Fault.CONNECTION_BROKE),
    ("drop_mid_body", Fault.CONNECTION_BROKE),
    ("reset", Fault.CONNECTION_BROKE),
    ("reset_mid_body", Fault.CONNECTION_BROKE),
    ("hang", Fault.DEADLINE),
    ("stall", Fault.DEADLINE),
    ("drip_body seconds=0.1", Fault.DEADLINE),
    ("drip_headers seconds=0.1", Fault.DEADLINE),
    ("endless megabytes=30", Fault.ANSWER_TOO_LARGE),
]
# Said by each in its own words.
OF_EACH = [
    ("bad_key", Fault.KEY_REFUSED_HOSTED),
    ("verify", Fault.FORBIDDEN),
    ("moderation_input", Fault.MODERATION_BLOCKED),
    ("moderation_output", Fault.WITHHELD),
    ("rate_limit retry-after=7", Fault.RATE_LIMITED),
    ("rate_limit retry-after=date+7 clock=7200", Fault.RATE_LIMITED),
    ("rate_limit retry-after-ms=1500", Fault.RATE_LIMITED),
    ("rate_limit retry-after=soon", Fault.RATE_LIMITED),
    ("rate_limit", Fault.RATE_LIMITED),
    ("quota", Fault.OUT_OF_CREDIT_HOSTED),
    ("invalid_option", Fault.INVALID_SETTING),
    ("model_gone", Fault.MODEL_RETIRED),
]
OF_ITS_OWN = {
    "openai": [
        ("text_only", Fault.NO_IMAGE),
        ("slow_down", Fault.RATE_LIMITED),
        ("billing_stop", Fault.OUT_OF_CREDIT_HOSTED),
        ("no_transparency", Fault.INVALID_SETTING),
    ],
    "xai": [
        ("bad_key envelope=nested", Fault.KEY_REFUSED_HOSTED),
        ("bad_key codes=old", Fault.KEY_REFUSED_HOSTED),
        ("moderation_output envelope=nested", Fault.WITHHELD),
        ("moderation_output codes=old", Fault.WITHHELD),
        ("moderation_input codes=old", Fault.MODERATION_BLOCKED),
        ("withheld_in_list", Fault.WITHHELD),
        ("rate_limit envelope=nested", Fault.RATE_LIMITED),
        ("rate_limit_old", Fault.RATE_LIMITED),
        ("quota envelope=nested", Fault.OUT_OF_CREDIT_HOSTED),
        ("quota codes=old", Fault.OUT_OF_CREDIT_HOSTED),
        ("quota_old", Fault.OUT_OF_CREDIT_HOSTED),
        ("unprocessable", Fault.INVALID_SETTING),
        ("model_gone envelope=nested", Fault.MODEL_RETIRED),
        ("model_gone codes=old", Fault.MODEL_RETIRED),
        ("text_only", Fault.NO_IMAGE),
        ("url_instead", Fault.IMAGE_BY_ADDRESS),
        ("url_instead host=10.0.0.1", Fault.IMAGE_BY_ADDRESS),
    ],
    "gemini": [
        ("leaked_key", Fault.KEY_REFUSED_HOSTED),
        ("bad_key wrapped=1", Fault.KEY_REFUSED_HOSTED),
        ("location", Fault.FORBIDDEN),
        ("billing_stop", Fault.OUT_OF_CREDIT_HOSTED),
        ("spend_cap", Fault.OUT_OF_CREDIT_HOSTED),
        ("quota_zero", Fault.OUT_OF_CREDIT_HOSTED),
        ("rate_limit_bare", Fault.RATE_LIMITED),
        ("rate_limit delay=0.5s wrapped=1", Fault.RATE_LIMITED),
        *(
            (f"moderation_input reason={reason}", Fault.MODERATION_BLOCKED)
            for reason in ("OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY")
        ),
        *(
            (f"moderation_output reason={reason}", Fault.WITHHELD)
            for reason in (
                "IMAGE_PROHIBITED_CONTENT",
                "IMAGE_RECITATION",
                "SAFETY",
                "PROHIBITED_CONTENT",
                "BLOCKLIST",
                "SPII",
                "RECITATION",
            )
        ),
        *(
            (f"no_image reason={reason}", Fault.NO_IMAGE)
            for reason in ("NO_IMAGE", "IMAGE_OTHER", "OTHER", "MALFORMED_RESPONSE", "NEWER")
        ),
        ("max_tokens", Fault.ANSWER_UNREADABLE),
        ("text_only", Fault.ANSWERED_IN_WORDS),
        ("model_gone words=2", Fault.MODEL_RETIRED),
    ],
}
POLICIES = ("terminate", "continue")


def case(is_quick, *values):
    return pytest.param(*values, marks=[] if is_quick else pytest.mark.slow)


def cases():
    """All faults of all providers under both policies; those that differ in nothing but who answers
    or in the policy are quick once, in turn, and else slow."""
    for place, (provider, own) in enumerate(OF_ITS_OWN.items()):
        for number, (marker, fault) in enumerate([*OF_ANY, *OF_EACH, *own]):
            is_its_turn = number >= len(OF_ANY) or number % len(MODELS) == place
            for policy in POLICIES:
                is_quick = is_its_turn and policy == POLICIES[(number + place) % 2]
                yield case(is_quick, provider, marker, fault, policy)


@pytest.fixture
def step_with(workflow, step_of):
    def make(provider, marker, **choices):
        prompt = f"x [[sandbox:{marker}]]"
        return step_of(workflow, prompt, model=MODELS[provider], **choices)

    return make


@pytest.mark.parametrize(("provider", "marker", "fault", "policy"), list(cases()))
def test_a_fault_of_the_provider_ends_as_the_table_says(
    provider, marker, fault, policy, step_with, press_run, let_the_hive_work, sandbox, settings
):
    settings.DEADLINE_SECONDS = 0.5 if fault is Fault.DEADLINE else 0
    settings.ANSWER_BYTES = 10_000_000
    step = step_with(provider, marker, failure_policy=policy)
    press_run(step)
    let_the_hive_work()
    step_run, part = step.runs.get(), Part.objects.get()
    assert step_run.error["error_code"] == fault.code
    assert step_run.error["message"] == sentence(fault, part)
    assert "{" not in step_run.error["message"]
    assert (part.state, part.fault) == (STATES[fault.outcome], fault.name)
    assert (
        step_run.run.status == {"terminate": "failed", "continue": "completed_with_errors"}[policy]
    )
    # Only what is provably not billed is asked for again: see test_waits.py.
    assert len(sandbox.entries()) == (5 if fault is Fault.RATE_LIMITED else 1)
    assert not Charge.objects.exists()
    wallet = Wallet.objects.get(simulated=True, workspace=step.workspace)
    assert (wallet.posted, wallet.held) == (GRANT, 0)
    assert Storage.objects.get(workspace=step.workspace).reserved == 0


def sentence(fault, part):
    record = catalogue.get(part.model)
    detail = f"{record.successor} in Model" if fault is Fault.MODEL_RETIRED else part.detail
    label = registry.get(part.provider).label
    return fault.message(provider=label, model=part.model, personal=False, detail=detail)


@pytest.mark.parametrize("provider", MODELS)
def test_a_provider_that_cannot_be_reached_was_sent_nothing(
    provider, workflow, step_of, press_run, let_the_hive_work, sandbox, settings
):
    """No name, no connection, no TLS: three tries, none of which may have been paid."""
    settings.PROVIDER_ROUTES = {
        name: route | {"key": "a-key-0123456789", "base_url": "http://127.0.0.1:1/v1"}
        for name, route in settings.PROVIDER_ROUTES.items()
    }
    step = step_of(workflow, model=MODELS[provider])
    press_run(step)
    let_the_hive_work()
    assert step.runs.get().error["error_code"] == "provider_unavailable"
    assert "Nothing was sent and nothing was charged" in step.runs.get().error["message"]
    assert [attempt.state for attempt in Attempt.objects.all()] == ["unsent", "unsent", "rejected"]
    assert sandbox.entries() == []


FORGIVEN = [
    "base64_white_space",
    "base64_data_uri",
    "base64_unpadded",
    "wrong_content_type",
    "wrong_format",
    "animated_png",
    "animated_webp",
    "duplicate_headers",
    "long_header",
    "continue_games",
    "other_request",
    "usage_missing",
    "usage_negative",
    "usage_huge",
    "usage_text",
    "usage_nan",
]


ODD = [
    case(number % len(MODELS) == place, provider, marker)
    for place, provider in enumerate(MODELS)
    for number, marker in enumerate(FORGIVEN)
] + [
    ("xai", "png"),
    ("xai", "mime_null"),
    ("xai", "redirected"),
    ("xai", "silent_redirect"),
    ("xai", "ticks_off"),
    ("xai", "ticks_missing"),
    ("gemini", "lying_mime"),
    ("gemini", "snake_case"),
    ("gemini", "image_after_text"),
    ("gemini", "thoughts"),
    ("gemini", "details_missing"),
    ("gemini", "text_tokens"),
    ("gemini", "more_images"),
]


@pytest.mark.parametrize(("provider", "marker"), ODD)
def test_an_odd_answer_with_a_whole_image_is_kept_and_charged(
    provider, marker, step_with, press_run, let_the_hive_work, sandbox
):
    step = step_with(provider, marker)
    press_run(step)
    let_the_hive_work()
    step_run = step.runs.get()
    assert step_run.status == "succeeded"
    assert step_run.assets.count() == 1
    assert Charge.objects.count() == 1
    assert len(sandbox.entries()) == 1


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("marker", ["animated_png", "animated_webp"])
def test_of_an_animated_image_the_first_frame_is_kept_with_a_note(
    provider, marker, step_with, press_run, let_the_hive_work
):
    step = step_with(provider, marker)
    press_run(step)
    let_the_hive_work()
    assert step.runs.get().warnings == ["Image 1 was animated: its first frame was kept."]


@pytest.mark.parametrize("provider", MODELS)
def test_a_provider_whose_name_is_not_found_was_sent_nothing(
    provider, workflow, step_of, press_run, let_the_hive_work, sandbox, settings, monkeypatch
):
    def not_found(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    step = step_of(workflow, model=MODELS[provider])
    press_run(step)
    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    let_the_hive_work()
    assert step.runs.get().error["error_code"] == "provider_unavailable"
    assert [attempt.state for attempt in Attempt.objects.all()] == ["unsent", "unsent", "rejected"]
    assert sandbox.entries() == []


ALARMS = [
    ("bad_key", "KEY_REFUSED_HOSTED"),
    ("quota", "OUT_OF_CREDIT_HOSTED"),
    ("redirect", "REDIRECTED"),
]


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize(("marker", "name"), ALARMS)
def test_whoever_runs_fetch_hive_hears_of_what_only_they_can_mend(
    provider, marker, name, step_with, press_run, let_the_hive_work, caplog
):
    press_run(step_with(provider, marker))
    let_the_hive_work()
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said.startswith(f"{name}: {MODELS[provider]} of {provider}, part ")


def test_what_a_person_can_mend_alarms_nobody(step_with, press_run, let_the_hive_work, caplog):
    press_run(step_with("xai", "moderation_input"))
    let_the_hive_work()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_more_images_than_asked_are_not_kept(image_step, press_run, let_the_hive_work):
    press_run(image_step, prompt="x [[sandbox:more_images extra=2]]", image_count="2")
    let_the_hive_work()
    assert image_step.runs.get().assets.count() == 2


def test_identical_images_are_both_kept(image_step, press_run, let_the_hive_work):
    press_run(image_step, prompt="x [[sandbox:duplicate_images]]", image_count="2")
    let_the_hive_work()
    assets = image_step.runs.get().assets.all()
    assert len({asset.sha256 for asset in assets}) == 1
    assert Charge.objects.get().flags == ["Some of its images are identical."]
    assert len({asset.token for asset in assets}) == 2


def test_the_request_id_is_kept_even_when_the_body_breaks_off(
    image_step, press_run, let_the_hive_work, sandbox
):
    press_run(image_step, prompt="x [[sandbox:drop_mid_body]]")
    let_the_hive_work()
    assert Attempt.objects.get().request_id == sandbox.entries()[0]["request_id"]


def test_the_words_of_the_provider_are_kept_for_the_person(
    image_step, press_run, let_the_hive_work
):
    press_run(image_step, prompt="x [[sandbox:moderation_input]]")
    let_the_hive_work()
    assert "safety system" in Attempt.objects.get().said


def test_a_failed_step_under_continue_keeps_the_shape_of_the_output(
    image_step, press_run, let_the_hive_work
):
    press_run(image_step, prompt="x [[sandbox:no_images]]", failure_policy="continue")
    let_the_hive_work()
    output = image_step.runs.get().output_for_later_steps
    assert list(output) == ["settings", "assets", "error"]
    assert output["assets"] == []
    assert list(output["error"]) == ["error_code", "message", "provider", "retryable"]
    assert output["error"]["provider"] == "openai"
