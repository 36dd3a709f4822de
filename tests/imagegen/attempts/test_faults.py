"""Every fault that a provider can hand us: the row of the one table that it ends in, the money, and
one request in the provider's own log."""

import socket

import pytest
from django.utils.html import escape

from imagegen import catalogue
from imagegen.errors import Fault
from imagegen.models import Attempt, Charge, Part, Storage, Wallet
from imagegen.outcomes import Outcome
from imagegen.providers import registry
from tests.imagegen.attempts.provider_faults import MODELS, ODD, POLICIES, cases

GRANT = 25_000_000
STATES = {
    Outcome.REJECTED: "rejected",
    Outcome.BILLED_EMPTY: "billed_empty",
    Outcome.UNKNOWN: "unknown",
}
ENDS = {"terminate": "failed", "continue": "completed_with_errors"}


@pytest.fixture
def step_with(workflow, step_of):
    def make(provider, marker, **choices):
        prompt = f"x [[sandbox:{marker}]]"
        return step_of(workflow, prompt, model=MODELS[provider], **choices)

    return make


@pytest.mark.parametrize(("provider", "marker", "fault", "policy"), list(cases()))
def test_a_fault_of_the_provider_ends_as_the_table_says(
    provider,
    marker,
    fault,
    policy,
    step_with,
    press_run,
    let_the_hive_work,
    sandbox,
    settings,
    page,
    address_of,
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
    assert step_run.run.status == ENDS[policy]
    # Only what is provably not billed is asked for again: see test_waits.py.
    assert len(sandbox.entries()) == (5 if fault is Fault.RATE_LIMITED else 1)
    assert not Charge.objects.exists()
    wallet = Wallet.objects.get(simulated=True, workspace=step.workspace)
    assert (wallet.posted, wallet.held) == (GRANT, 0)
    assert Storage.objects.get(workspace=step.workspace).reserved == 0
    html = page.get(address_of(step, "step-output")).text
    assert f"{escape(sentence(fault, part))} <code>{fault.code}</code>" in html
    assert ("What later steps received" in html) == (policy == "continue")


def sentence(fault, part):
    record = catalogue.get(part.model)
    detail = f"{record.successor} in Model" if fault is Fault.MODEL_RETIRED else part.detail
    label = registry.get(part.provider).label
    return fault.message(provider=label, model=part.model, personal=False, detail=detail)


@pytest.fixture
def nowhere(settings, sandbox):
    """Providers of whom no connection can be had: nobody listens, no TLS is spoken, or nobody
    takes up what is said."""
    listening = socket.create_server(("127.0.0.1", 0))
    silent = f"https://127.0.0.1:{listening.getsockname()[1]}/v1"
    addresses = {
        "refused": "http://127.0.0.1:1/v1",
        "no TLS": sandbox.base_url.replace("http:", "https:"),
        "silent": silent,
    }

    def made(how):
        settings.CONNECT_SECONDS = 0.2
        settings.PROVIDER_ROUTES = {
            name: route | {"key": "a-key-0123456789", "base_url": addresses[how]}
            for name, route in settings.PROVIDER_ROUTES.items()
        }

    with listening:
        yield made


@pytest.fixture
def nothing_was_sent(sandbox, page, address_of):
    def seen(step, policy):
        step_run = step.runs.get()
        assert step_run.error["error_code"] == "provider_unavailable"
        states = [attempt.state for attempt in Attempt.objects.all()]
        assert states == ["unsent", "unsent", "rejected"]
        assert sandbox.entries() == []
        assert not Charge.objects.exists()
        assert Wallet.objects.get(simulated=False).held == 0
        assert step_run.run.status == ENDS[policy]
        html = page.get(address_of(step, "step-output")).text
        assert "Could not reach" in html
        assert "Nothing was sent and nothing was charged" in html

    return seen


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("how", ["refused", "no TLS", "silent"])
def test_a_provider_that_cannot_be_reached_was_sent_nothing(
    how,
    provider,
    policy,
    workflow,
    step_of,
    press_run,
    let_the_hive_work,
    nowhere,
    nothing_was_sent,
):
    """Three tries, none of which may have been paid."""
    nowhere(how)
    step = step_of(workflow, model=MODELS[provider], failure_policy=policy)
    press_run(step)
    let_the_hive_work()
    nothing_was_sent(step, policy)


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


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("provider", MODELS)
def test_a_provider_whose_name_is_not_found_was_sent_nothing(
    provider,
    policy,
    workflow,
    step_of,
    press_run,
    let_the_hive_work,
    nowhere,
    nothing_was_sent,
    monkeypatch,
):
    def not_found(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    nowhere("refused")
    step = step_of(workflow, model=MODELS[provider], failure_policy=policy)
    press_run(step)
    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", not_found)
        let_the_hive_work()
    nothing_was_sent(step, policy)


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


@pytest.mark.parametrize("provider", MODELS)
def test_of_two_images_one_came_and_only_that_one_is_charged(
    provider, step_with, press_run, let_the_hive_work, page, address_of
):
    step = step_with(provider, "fewer_images times=1", image_count=2)
    press_run(step)
    let_the_hive_work()
    step_run = step.runs.get()
    assert (step_run.status, step_run.assets.count()) == ("succeeded", 1)
    assert step_run.warnings[0].startswith("1 of 2 images came.")
    assert Charge.objects.count() == 1
    assert Wallet.objects.get(simulated=True, workspace=step.workspace).held == 0
    assert "1 of 2 images came." in page.get(address_of(step, "step-output")).text


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("hint", ["", "retry-after=7", "retry-after=date+7 clock=7200"])
def test_a_wait_that_ends_well_is_one_charge(
    hint, provider, policy, step_with, press_run, let_the_hive_work, sandbox
):
    step = step_with(provider, f"rate_limit {hint} times=1", failure_policy=policy)
    press_run(step)
    let_the_hive_work()
    assert step.runs.get().run.status == "succeeded"
    assert (len(sandbox.entries()), Charge.objects.count()) == (2, 1)


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
