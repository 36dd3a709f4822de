"""On a day without a price nobody can say what a run costs: it is refused, and nobody is asked."""

from datetime import date

import pytest

from imagegen import catalogue
from imagegen.models import Attempt, LedgerTransaction, Part
from workflows.models import Run

SENTENCE = "so nobody can say what a run costs. Choose another model."


@pytest.fixture
def ended(monkeypatch):
    """The price of gpt-image-2 has ended, and no other has begun."""

    def end():
        model = catalogue.get("gpt-image-2")
        price = model.prices[0].model_copy(update={"valid_until": date(2026, 5, 1)})
        unpriced = model.model_copy(update={"prices": (price,)})
        others = [each for each in catalogue.models() if each.id != model.id]
        by_id = {each.id: each for each in (unpriced, *others)}
        monkeypatch.setattr(catalogue, "models", lambda: tuple(by_id.values()))
        monkeypatch.setattr(catalogue, "_by_id", lambda: by_id)

    return end


def nothing_happened():
    assert not Part.objects.exists()
    assert not Attempt.objects.exists()
    assert set(LedgerTransaction.objects.values_list("kind", flat=True)) == {"opening"}


def test_run_is_refused_with_a_sentence_and_writes_no_row(image_step, press_run, ended):
    ended()
    answer = press_run(image_step)
    assert answer.status_code == 422
    assert SENTENCE in answer.text
    assert not Run.objects.exists()
    nothing_happened()


def test_a_run_that_waited_for_that_day_fails_before_the_provider_is_asked(
    image_step, press_run, ended, let_the_hive_work, sandbox
):
    press_run(image_step)
    ended()
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "invalid_setting"
    assert SENTENCE in error["message"]
    assert "Nothing was sent and nothing was charged." in error["message"]
    assert not sandbox.log.path.exists() or not sandbox.log.path.read_text()
    nothing_happened()


def test_the_form_is_shown_without_an_estimate(image_step, page, address_of, ended):
    ended()
    form = page.get(address_of(image_step, "step-settings")).text
    assert SENTENCE in form
    assert "Billed per" not in form
    assert 'aria-labelledby="estimate-title"' in form


def test_the_other_steps_of_the_workflow_are_estimated_without_it(
    workflow, step_of, image_step, page, address_of, ended
):
    priced = step_of(workflow, "A jar", model="grok-imagine-image")
    ended()
    html = page.get(address_of(priced, "step-settings")).text
    assert f"Without {image_step.identifier}, which cannot run as set." in html
