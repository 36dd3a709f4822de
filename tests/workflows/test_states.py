"""The header of a step: its state in a word or two, and what would stop a run."""

import re

import pytest
from django.urls import reverse

from workflows.models import Input


@pytest.fixture
def chip(page, address_of):
    """The state in the header of the step's page."""

    def read(step):
        html = page.get(address_of(step, "step-settings")).text
        found = re.search(r'id="step-state" class="state (\w+)">(.*?)\n</span>', html, re.DOTALL)
        return found[1], " ".join(re.sub(r"<.*?>", " ", found[2]).split())

    return read


@pytest.fixture
def words_of(page, address_of):
    """What each place says of the newest run of the step; without its cost."""

    def read(step):
        run = step.runs.latest("run_number").run
        places = {name: address_of(step, name) for name in ("step-history", "newest-runs")}
        run_page = [step.workspace.slug, step.workflow_id, run.number]
        places["run"] = reverse("workflows:show-run", args=run_page)
        said = {name: state_in(page.get(place).text) for name, place in places.items()}
        cards = page.get(address_of(step, "step-cards")).text
        said["card"] = state_in(cards.split(f'id="card-{step.identifier}"')[1])
        said["header"] = state_in(cards.split('id="step-state"')[1])
        return said

    return read


def state_in(html):
    words = re.search(r'class="state \w+">(.*?)</span>', html, re.DOTALL)[1]
    return re.sub(r"<.*?>", "", words, flags=re.DOTALL).split("·")[0].strip()


@pytest.fixture
def problems(page, address_of):
    """The addresses and sentences that the header lists, of the step or of the workflow."""

    def read(step, of="step"):
        html = page.get(address_of(step, "step-settings")).text
        listed = html.split(f'id="{of}-obstacles"')[1].split("</div>")[0]
        links = re.findall(r'href="([^"]+)"[^>]*>(.*?)</a>', listed)
        return [(href, re.sub(r"<.*?>", "", text)) for href, text in links]

    return read


@pytest.mark.parametrize(
    ("marker", "image_count", "state"),
    [
        ("", 1, ("succeeded", "Done · $0.0059")),
        ("[[sandbox:fewer_images drop=1]]", 4, ("partly", "3 of 4")),
        ("[[sandbox:moderation_input]]", 1, ("failed", "Refused")),
        ("[[sandbox:bad_key]]", 1, ("failed", "Failed")),
        ("[[sandbox:reset]]", 1, ("unknown", "Unknown")),
    ],
)
def test_the_header_says_what_came_of_the_last_run(
    image_step, press_run, let_the_hive_work, chip, marker, image_count, state
):
    press_run(image_step, prompt=f"A bottle {marker}", image_count=image_count)
    let_the_hive_work()
    assert chip(image_step) == state


def test_a_new_step_has_not_run(image_step, chip):
    assert chip(image_step) == ("idle", "Not run")


def test_a_run_that_was_pressed_is_queued_and_then_cancelled(
    image_step, press_run, chip, page, sandbox
):
    press_run(image_step)
    assert chip(image_step) == ("queued", "Queued")
    run = image_step.runs.get().run
    page.post(f"/w/acme-shop/workflows/{run.workflow_id}/runs/{run.number}/cancel")
    assert chip(image_step) == ("cancelled", "Cancelled")


def test_a_run_that_was_refused_before_the_provider_cost_nothing(
    image_step, press_run, let_the_hive_work, chip
):
    press_run(image_step, charge_type="personal")
    let_the_hive_work()
    assert chip(image_step) == ("failed", "Not started · $0")


@pytest.mark.parametrize(
    ("choices", "word"),
    [
        ({"prompt": "A [[sandbox:moderation_input]]"}, "Refused"),
        ({"prompt": "A [[sandbox:bad_key]]"}, "Failed"),
        ({"charge_type": "personal"}, "Not started"),
        ({"prompt": "A {{step_1.output.assets.7.id}}"}, "Not started"),
        ({"prompt": "A jar", "image_size": "1536x1024"}, "Done"),
    ],
)
def test_every_place_says_the_same(
    workflow, finished_run, step_of, press_run, let_the_hive_work, words_of, choices, word
):
    step = step_of(workflow)
    press_run(step, **choices)
    let_the_hive_work()
    for place, words in words_of(step).items():
        assert words == word, place


def test_a_run_that_brought_less_is_told_apart_in_the_lists(run_of, words_of):
    words = words_of(run_of("gpt-image-2", "A [[sandbox:fewer_images drop=1]]", image_count=4).step)
    assert {words[name] for name in ("step-history", "newest-runs", "run")} == {"3 of 4"}


def test_a_failure_that_the_workflow_survives_is_no_plain_failure(
    image_step, press_run, let_the_hive_work, chip
):
    press_run(image_step, prompt="A [[sandbox:bad_key]]", failure_policy="continue")
    let_the_hive_work()
    assert chip(image_step) == ("continued", "Continued")


def test_settings_that_changed_since_the_last_run_are_told(finished_run, change, chip):
    change(finished_run.step, image_quality="high")
    assert chip(finished_run.step) == ("changed", "Changed")
    change(finished_run.step, image_quality="low")
    assert chip(finished_run.step)[0] == "succeeded"


def test_what_would_stop_a_run_is_listed_and_leads_to_its_field(
    image_step, change, problems, sandbox
):
    change(image_step, prompt="A {{nothing}} bottle", charge_type="personal")
    (prompt, sentence), (charge_type, advice) = problems(image_step)
    assert prompt.endswith("/steps/step_1/settings#field-prompt")
    assert sentence == "There is no input “nothing”. Add it or choose another."
    assert charge_type.endswith("#field-charge_type")
    assert "no OpenAI key of its own" in advice


def test_a_value_that_is_missing_leads_to_the_input(
    workflow, image_step, change, problems, sandbox
):
    product = workflow.inputs.create(
        workspace=workflow.workspace, name="product", label="Product", position=1, required=True
    )
    change(image_step, prompt="A {{product}}")
    ((address, sentence),) = problems(image_step)
    assert address.endswith(f"/inputs?from=step_1#input-{product.pk}")
    assert "Product has no value." in sentence
    Input.objects.update(test_value="bottle")
    assert problems(image_step) == []


def test_the_workflow_counts_the_problems_of_all_its_steps(
    workflow, image_step, step_of, problems, sandbox
):
    step_of(workflow, "{{step_7.output}}")
    assert problems(image_step) == []
    ((address, sentence),) = problems(image_step, of="workflow")
    assert address.endswith("/steps/step_2/settings#field-prompt")
    assert sentence.startswith("step_2 There is no step “step_7”")


def test_without_a_hosted_key_no_run_can_be_paid(image_step, problems):
    ((address, sentence),) = problems(image_step)
    assert address.endswith("#field-charge_type")
    assert "the administrator has set no OpenAI key" in sentence
