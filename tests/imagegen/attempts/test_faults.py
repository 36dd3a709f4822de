"""Every fault that OpenAI can hand us: code, class, money, and one request in its log."""

import pytest

from imagegen.models import Attempt, Charge, Part, Storage, Wallet

GRANT = 25_000_000

FAULTS = [
    # marker, error code, state of the part, a piece of the sentence
    ("bad_key", "hosted_model_unavailable", "rejected", "refused the key"),
    ("verify", "hosted_model_unavailable", "rejected", "does not let this account use"),
    ("moderation_input", "moderation_blocked", "rejected", "blocked this prompt"),
    ("moderation_output", "moderation_blocked", "billed_empty", "withheld"),
    ("rate_limit retry-after=7", "rate_limited", "rejected", "slow down"),
    ("rate_limit", "rate_limited", "rejected", "slow down"),
    ("slow_down", "rate_limited", "rejected", "slow down"),
    ("quota", "provider_quota_exhausted", "rejected", "out of credit"),
    ("billing_stop", "provider_quota_exhausted", "rejected", "out of credit"),
    ("invalid_option", "invalid_setting", "rejected", "did not accept a setting"),
    ("model_gone", "model_retired", "rejected", "no longer offers"),
    ("redirect", "bad_provider_response", "rejected", "redirect"),
    ("server_error status=500", "provider_unavailable", "unknown", "may have billed"),
    ("server_error status=503", "provider_unavailable", "unknown", "may have billed"),
    ("server_error status=529", "provider_unavailable", "unknown", "529"),
    ("html_502", "provider_unavailable", "unknown", "may have billed"),
    ("html_200", "bad_provider_response", "unknown", "unexpected answer"),
    ("no_content", "no_image", "billed_empty", "without an image"),
    ("empty_body", "no_image", "billed_empty", "without an image"),
    ("no_images", "no_image", "billed_empty", "without an image"),
    ("data_null", "no_image", "billed_empty", "without an image"),
    ("text_only", "no_image", "billed_empty", "without an image"),
    ("truncated_json", "bad_provider_response", "billed_empty", "could not be read"),
    ("base64_corrupt", "bad_provider_response", "billed_empty", "damaged"),
    ("corrupt_image", "bad_provider_response", "billed_empty", "damaged"),
    ("bomb", "bad_provider_response", "billed_empty", "larger than Fetch Hive accepts"),
    ("svg", "bad_provider_response", "billed_empty", "not a PNG, JPEG or WebP"),
    ("html_image", "bad_provider_response", "billed_empty", "not a PNG, JPEG or WebP"),
    ("animated_gif", "bad_provider_response", "billed_empty", "not a PNG, JPEG or WebP"),
    ("gzip", "bad_provider_response", "unknown", "unexpected answer"),
    ("drop_before_headers", "outcome_unknown", "unknown", "Outcome unknown"),
    ("drop_after_headers", "outcome_unknown", "unknown", "Outcome unknown"),
    ("drop_mid_body", "outcome_unknown", "unknown", "broke off after"),
    ("reset", "outcome_unknown", "unknown", "Outcome unknown"),
    ("reset_mid_body", "outcome_unknown", "unknown", "Outcome unknown"),
    ("hang", "provider_timeout", "unknown", "within 1 s"),
    ("stall", "provider_timeout", "unknown", "within 1 s"),
    ("drip_body seconds=0.1", "provider_timeout", "unknown", "within 1 s"),
    ("drip_headers seconds=0.1", "provider_timeout", "unknown", "within 1 s"),
    ("endless megabytes=30", "bad_provider_response", "unknown", "larger than Fetch Hive accepts"),
]


@pytest.mark.parametrize(("marker", "code", "state", "words"), FAULTS)
@pytest.mark.parametrize("policy", ["terminate", "continue"])
def test_a_fault_of_the_provider_ends_as_the_table_says(
    marker, code, state, words, policy, image_step, press_run, let_the_hive_work, sandbox, settings
):
    if code == "provider_timeout":
        settings.DEADLINE_SECONDS = 1
    settings.ANSWER_BYTES = 10_000_000
    press_run(image_step, prompt=f"x [[sandbox:{marker}]]", failure_policy=policy)
    let_the_hive_work()
    step_run = image_step.runs.get()
    assert step_run.error["error_code"] == code
    assert words in step_run.error["message"]
    assert Part.objects.get().state == state
    assert (
        step_run.run.status == {"terminate": "failed", "continue": "completed_with_errors"}[policy]
    )
    assert len(sandbox.entries()) == 1
    assert not Charge.objects.exists()
    wallet = Wallet.objects.get(simulated=True, workspace=image_step.workspace)
    assert (wallet.posted, wallet.held) == (GRANT, 0)
    assert Storage.objects.get(workspace=image_step.workspace).reserved == 0


FORGIVEN = [
    "base64_white_space",
    "base64_data_uri",
    "base64_unpadded",
    "wrong_content_type",
    "animated_png",
    "duplicate_headers",
    "long_header",
    "continue_games",
    "other_request",
]


@pytest.mark.parametrize("marker", FORGIVEN)
def test_an_odd_answer_with_a_whole_image_is_kept_and_charged(
    marker, image_step, press_run, let_the_hive_work, sandbox
):
    press_run(image_step, prompt=f"x [[sandbox:{marker}]]")
    let_the_hive_work()
    step_run = image_step.runs.get()
    assert step_run.status == "succeeded"
    assert Charge.objects.count() == 1
    assert len(sandbox.entries()) == 1


def test_more_images_than_asked_are_not_kept(image_step, press_run, let_the_hive_work):
    press_run(image_step, prompt="x [[sandbox:more_images extra=2]]", image_count="2")
    let_the_hive_work()
    assert image_step.runs.get().assets.count() == 2


def test_identical_images_are_both_kept(image_step, press_run, let_the_hive_work):
    press_run(image_step, prompt="x [[sandbox:duplicate_images]]", image_count="2")
    let_the_hive_work()
    assets = image_step.runs.get().assets.all()
    assert len({asset.sha256 for asset in assets}) == 1
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
