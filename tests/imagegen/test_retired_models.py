"""Only a vendor's own answer says that a model is gone; the successor is one click away."""

import pytest

from imagegen.models import Attempt

RETIRED = "x [[sandbox:model_gone]]"


@pytest.mark.parametrize(
    ("model", "successor"),
    [
        ("gpt-image-2", "gpt-image-2.5-flare"),
        ("grok-imagine-image", "grok-imagine-image-2.0"),
        ("grok-imagine-image-quality", "grok-imagine-image-2.0"),
        ("gemini-2.5-flash-image", "gemini-nano-banana-2.1"),
    ],
)
def test_the_answer_that_a_model_is_gone_names_its_successor(
    model, successor, workflow, step_of, press_run, let_the_hive_work, page, address_of, change
):
    step = step_of(workflow, RETIRED, model=model)
    press_run(step)
    let_the_hive_work()
    error = step.runs.get().error
    assert error["error_code"] == "model_retired"
    assert f"no longer offers {model}. Choose {successor} in Model." in error["message"]
    html = page.get(address_of(step, "step-output")).text
    assert f'data-choose="id_model" data-value="{successor}"' in html
    change(step, model=successor)
    assert 'id="remedy"' not in page.get(address_of(step, "step-output")).text


def test_a_model_without_a_successor_asks_for_another_one(
    workflow, step_of, press_run, let_the_hive_work, page, address_of
):
    step = step_of(workflow, RETIRED, model="gemini-nano-banana-2.1")
    press_run(step)
    let_the_hive_work()
    assert "Choose another model." in step.runs.get().error["message"]
    assert 'id="remedy"' not in page.get(address_of(step, "step-output")).text


def test_a_viewer_sees_what_happened_and_no_button(
    workflow, step_of, press_run, let_the_hive_work, browser_of, viewer, address_of
):
    step = step_of(workflow, RETIRED)
    press_run(step)
    let_the_hive_work()
    html = browser_of(viewer).get(address_of(step, "step-output")).text
    assert "model_retired" in html
    assert 'id="remedy"' not in html


def test_run_is_not_refused_for_a_model_that_the_calendar_calls_retired(
    gemini_step, press_run, let_the_hive_work, time_machine, browser_of, author
):
    time_machine.move_to("2027-04-01")
    press_run(gemini_step, client=browser_of(author))
    let_the_hive_work()
    assert gemini_step.runs.get().status == "succeeded"


def move(settings, route, path):
    """To another place in the sandbox."""
    routes = settings.PROVIDER_ROUTES
    settings.PROVIDER_ROUTES = routes | {route: routes[route] | {"sandbox_path": path}}


def test_a_model_that_lives_on_another_route_only_is_gone_on_this_one(
    gemini_step, press_run, let_the_hive_work, settings, sandbox
):
    """Gemini 2.5 was shut down on the Developer API: asked there, the vendor itself says so."""
    move(settings, "gemini-cloud", "/gemini/v1beta")
    press_run(gemini_step)
    let_the_hive_work()
    assert gemini_step.runs.get().error["error_code"] == "model_retired"
    assert Attempt.objects.get().status_code == 404


def test_a_wrong_base_url_is_not_taken_for_a_retired_model(
    image_step, press_run, let_the_hive_work, settings, sandbox
):
    move(settings, "openai", "/openai/v1/elsewhere")
    press_run(image_step)
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "hosted_model_unavailable"
    assert "the base URL may be wrong" in error["message"]
