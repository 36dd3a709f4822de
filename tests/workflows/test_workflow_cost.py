"""What a run of the whole workflow would cost, beside the button that starts it."""

import re
from datetime import date

import pytest

from imagegen.choices import validate
from imagegen.estimate import estimate
from workflows.expected import workflow_cost
from workflows.models import Step
from workflows.money import Figure, between, dollars

pytestmark = pytest.mark.usefixtures("sandbox")


def shown(html):
    """What the header says of it, and its breakdown."""
    cut = html.split('id="workflow-cost"', 1)[1].split("</details>", 1)[0]
    return " ".join(re.sub("<[^>]*>", " ", cut).split())


@pytest.fixture
def cost(workflow):
    return lambda: workflow_cost(workflow.steps.all())


@pytest.fixture
def live(settings):
    """OpenAI with a hosted key; the others are simulated."""
    settings.PROVIDER_ROUTES = {
        name: route | ({"key": "sk-0123456789LIVE"} if name == "openai" else {})
        for name, route in settings.PROVIDER_ROUTES.items()
    }


def test_one_amount_is_written_once_and_two_with_one_sign():
    assert between(20_000, 20_049) == "$0.0200"
    assert between(120_000, 210_000) == "$0.1200\u20130.2100"
    exact, rough = Figure(5, 5, 5, is_exact=True), Figure(20_000, 10_000, 30_000)
    assert exact + exact == Figure(10, 10, 10, is_exact=True)
    assert (exact + rough).text == "≈ $0.0100\u20130.0300"


def test_the_steps_are_added_up(workflow, step_of, cost, page, address_of):
    first = step_of(workflow, "A jar", image_quality="medium")
    second = step_of(workflow, "A jar", model="grok-imagine-image", image_count=3)
    assert cost().text == "≈ $0.1127"
    assert cost().simulated == Figure(112_690, 112_690, 112_690)
    said = shown(page.get(address_of(first, "step-settings")).text)
    assert f"{first.identifier} Hero image ≈ $0.0527" in said
    assert f"{second.identifier} Hero image $0.0600" in said
    assert "Total, simulated ≈ $0.1127" in said
    assert "range" not in said


def test_fixed_prices_alone_make_an_exact_sum(workflow, step_of, cost):
    for count in (1, 2):
        step_of(workflow, "A jar", model="grok-imagine-image", image_count=count)
    assert cost().text == "$0.0600"


def test_one_range_makes_the_sum_a_range(workflow, step_of, cost, page, address_of):
    step = step_of(workflow, "A jar", image_quality="auto")
    step_of(workflow, "A jar", model="grok-imagine-image")
    auto = estimate(validate(step.settings), "A jar", date(2026, 11, 22)).figure
    low, high = auto.low + 20_000, auto.high + 20_000
    assert cost().text == f"≈ {dollars(low)}\u2013{dollars(high)[1:]}"
    assert "A range where the model decides" in shown(
        page.get(address_of(step, "step-settings")).text
    )


def test_a_personal_step_is_named_and_not_in_the_sum(workflow, step_of, cost, page, address_of):
    step = step_of(workflow, "A jar", charge_type="personal")
    assert cost().text == "Personal"
    step_of(workflow, "A jar", model="grok-imagine-image")
    assert cost().text == "$0.0200"
    said = shown(page.get(address_of(step, "step-settings")).text)
    assert "step_1 Hero image Personal · list price ≈ $0.0059" in said
    assert "Total, simulated $0.0200" in said
    assert "Personal, at list price ≈ $0.0059" in said


def test_play_money_is_not_in_the_sum_of_the_wallet(
    live, workflow, step_of, cost, page, address_of
):
    step = step_of(workflow, "A jar")
    step_of(workflow, "A jar", model="grok-imagine-image")
    assert cost().text == "≈ $0.0059"
    said = shown(page.get(address_of(step, "step-settings")).text)
    assert "step_2 Hero image $0.0200 simulated" in said
    assert "Total ≈ $0.0059 Total, simulated $0.0200" in said


def test_a_step_whose_settings_are_incomplete_is_named_and_left_out(
    workflow, step_of, cost, page, address_of
):
    step = step_of(workflow, "A jar", model="grok-imagine-image")
    for _ in range(3):
        step_of(workflow, "A jar", image_size="1x1")
    assert cost().text == "$0.0200"
    said = shown(page.get(address_of(step, "step-settings")).text)
    assert "Without step_2, step_3 and step_4, which cannot run as set." in said
    Step.objects.exclude(pk=step.pk).exclude(identifier="step_2").delete()
    assert cost().left_out == "Without step_2, which cannot run as set."
    step.delete()
    assert cost().text == ""
    second = workflow.steps.get()
    assert "No estimate" in shown(page.get(address_of(second, "step-settings")).text)


def test_it_follows_each_change_of_a_form_with_the_column(image_step, change, page, address_of):
    saved = change(image_step, image_quality="medium", image_count="2", prompt="A jar")
    assert saved["HX-Trigger"] == "step-saved"
    column = page.get(address_of(image_step, "step-cards")).text
    assert "#workflow-cost:morph" in column
    assert shown(column).startswith('class="workflow-cost"> Estimate for the workflow ≈ $0.1054')


def test_it_reads_no_row(workflow, step_of, django_assert_num_queries):
    for _ in range(20):
        step_of(workflow, "A jar", image_size="auto", image_quality="auto")
    steps = list(workflow.steps.all())
    with django_assert_num_queries(0):
        assert workflow_cost(steps).text


def test_who_may_not_run_is_not_told_what_it_would_cost(image_step, viewer, browser_of, address_of):
    html = browser_of(viewer).get(address_of(image_step, "step-settings")).text
    assert "Estimate for the workflow" not in html
