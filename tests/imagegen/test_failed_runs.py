"""What the Output tab shows of a run that failed or was cancelled: never nothing."""

import pytest

from imagegen.assets.models import Storage
from workflows.runs.cancel import cancel


@pytest.fixture
def output_of(run_of, page, address_of):
    def shown(prompt="A jar", model="gpt-image-2", **choices):
        step_run = run_of(model, prompt, **choices)
        return page.get(address_of(step_run.step, "step-output")).text

    return shown


def test_a_refused_prompt_says_who_why_in_whose_words_and_what_to_do(output_of):
    html = output_of("A jar [[sandbox:moderation_input]]")
    assert "Refused by OpenAI" in html
    assert "Nothing was charged for it." in html
    assert "<blockquote>Your request was rejected by the safety system." in html
    assert 'data-focus="id_prompt"' in html
    assert "Change the prompt" in html
    assert "Rejected" in html


def test_a_setting_that_was_not_accepted_is_one_press_away(output_of):
    html = output_of("A jar [[sandbox:invalid_option]]")
    assert "Failed at OpenAI" in html
    assert 'data-focus="field-image_size"' in html


def test_an_error_that_may_pass_asks_for_no_change(output_of):
    html = output_of("A jar [[sandbox:rate_limit]]")
    assert "Failed at OpenAI" in html
    assert "Change the settings" not in html
    assert "Run again" in html


def test_an_unknown_outcome_is_named_so(output_of):
    html = output_of("A jar [[sandbox:server_error]]")
    assert 'id="failure-title">Outcome unknown<' in html


def test_an_error_as_earlier_versions_stored_it_is_shown(run_of, page, address_of):
    step_run = run_of("gpt-image-2", "A jar [[sandbox:bad_key]]")
    del step_run.error["is_unknown"]
    step_run.save()
    html = page.get(address_of(step_run.step, "step-output")).text
    assert "Failed at OpenAI" in html


def test_a_full_storage_shows_its_numbers(output_of, workspace):
    Storage.objects.filter(workspace=workspace).update(limit=0)
    html = output_of()
    assert "Not started · $0" in html
    assert "Storage now: 0 bytes used, 0 bytes reserved, 0 bytes left of 0 bytes" in html
    assert 'library?sort=size">Free space in the library</a>' in html
    assert "Change the settings" not in html
    assert "0.0 MB used and 0.0 MB reserved of 0.0 MB" in html
    assert 'id="attempts-title"' not in html


def test_an_empty_wallet_shows_what_is_left_and_leads_to_the_count(
    output_of, workspace, leave_in_wallet
):
    leave_in_wallet(workspace, 1_000)
    html = output_of()
    assert "Not started · $0" in html
    assert "In the wallet now: $0.00 left" in html
    assert 'data-focus="id_image_count"' in html


def test_a_failure_under_continue_shows_what_later_steps_received(output_of):
    html = output_of("A jar [[sandbox:moderation_input]]", failure_policy="continue")
    received = html.split("What later steps received")[1].split("</details>")[0]
    assert "&quot;error_code&quot;: &quot;moderation_blocked&quot;" in received
    assert "What later steps received" not in output_of("A jar [[sandbox:moderation_input]]")


def test_a_failed_run_shows_what_was_asked(output_of):
    html = output_of("A jar [[sandbox:moderation_input]]")
    assert "Asked, sent, returned" in html
    assert "In the file" not in html


def test_a_viewer_is_offered_no_change(run_of, viewer, browser_of, address_of):
    step_run = run_of("gpt-image-2", "A jar [[sandbox:moderation_input]]")
    html = browser_of(viewer).get(address_of(step_run.step, "step-output")).text
    assert "Refused by OpenAI" in html
    assert "failure-actions" not in html


def test_a_run_cancelled_before_it_began_says_that_nothing_was_charged(
    image_step, press_run, page, address_of
):
    press_run(image_step)
    cancel(image_step.runs.get().run_id)
    html = page.get(address_of(image_step, "step-output")).text
    assert "Cancelled before anything was sent" in html
    assert "Nothing was charged" in html


def test_the_cap_of_the_month_refuses_before_anybody_is_asked(
    workspace, image_step, press_run, let_the_hive_work, sandbox, page, address_of
):
    workspace.wallets.update(cap_micro=1_000)
    press_run(image_step)
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "spend_cap_reached"
    assert "$0.00 is spent and $0.00 held of a cap of $0.0010. A new month" in error["message"]
    assert "Nothing was sent and nothing was charged." in error["message"]
    assert sandbox.entries() == []
    html = page.get(address_of(image_step, "step-output")).text
    assert "This month now: $0.00 is spent" in html
    assert ">Ask for less</a>" in html
