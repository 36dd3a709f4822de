import pytest

from tests.conftest import SETTINGS
from workflows.models import Run, Step, Workflow


@pytest.fixture
def save(page, image_step, address_of):
    def post(**fields):
        image_step.refresh_from_db()
        form = SETTINGS | {"version": str(image_step.version)} | fields
        return page.post(address_of(image_step, "save-step"), form)

    return post


def test_a_change_is_saved_and_the_form_redrawn(save, image_step):
    response = save(prompt="A red bicycle", image_count="2")
    assert response.status_code == 200
    assert response["HX-Trigger"] == "step-saved"
    assert "A red bicycle" in response.text
    image_step.refresh_from_db()
    assert image_step.settings["prompt"] == "A red bicycle"
    assert image_step.settings["image_count"] == 2


def test_a_step_that_cannot_run_yet_is_saved_all_the_same(save, image_step):
    assert save(prompt="").status_code == 200
    image_step.refresh_from_db()
    assert image_step.settings["prompt"] == ""


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"image_count": "0"}, "Image Count is 0; gpt-image-2 makes 1 to 10 images per run"),
        ({"image_count": "11"}, "Image Count is 11"),
        ({"image_count": "many"}, "Image Count is “many”"),
        ({"model": "dall-e-3"}, "There is no model “dall-e-3”. Choose one from the list."),
        ({"image_quality": "ultra"}, "Image Quality is “ultra”"),
        ({"image_output_compression": "101"}, "Output Compression is 101"),
        ({"charge_type": "free"}, "Charge Type is “free”"),
        ({"failure_policy": "ignore"}, "Choose Terminate Workflow or Continue"),
        ({"name": " "}, "A step needs a name"),
        (
            {"image_size": "custom", "custom_width": "1920", "custom_height": "1080"},
            "multiples of 16",
        ),
        (
            {"image_size": "custom", "custom_width": "4096", "custom_height": "2048"},
            "3840",
        ),
        ({"image_size": "custom", "custom_width": "", "custom_height": ""}, "Image Size"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_and_costs_nothing_else(
    fields, sentence, save, image_step
):
    before = Step.objects.values("settings", "name", "failure_policy").get()
    response = save(prompt="What I have just typed", **fields)
    assert response.status_code == 422
    assert sentence in response.text
    assert "What I have just typed" in response.text
    before["settings"]["prompt"] = "What I have just typed"
    assert Step.objects.values("settings", "name", "failure_policy").get() == before
    assert 'name="version" value="2"' in response.text  # no conflict with oneself


def test_a_wrong_value_costs_nothing_that_is_typed_after_it(save, image_step):
    save(image_count="0", prompt="First")
    assert save(image_count="0", prompt="Second", version="2").status_code == 422
    image_step.refresh_from_db()
    assert (image_step.settings["prompt"], image_step.settings["image_count"]) == ("Second", 1)


def test_a_second_tab_never_overwrites_silently(save, press_run, image_step):
    save(prompt="From the first tab")
    response = save(prompt="From the second tab", version="1")
    assert response.status_code == 409
    assert "changed in another tab" in response.text
    assert "From the second tab" in response.text
    # The next keystroke and Run do not choose for the person either.
    assert 'name="version" value="1"' in response.text
    assert 'data-keep-mine="2"' in response.text
    assert press_run(image_step, prompt="From the second tab", version="1").status_code == 409
    refused = save(prompt="From the second tab", version="1", image_count="0")
    assert refused.status_code == 422
    assert 'name="version" value="1"' in refused.text
    image_step.refresh_from_db()
    assert image_step.settings["prompt"] == "From the first tab"


def test_custom_sizes_under_the_rules_are_kept(save, image_step):
    save(image_size="custom", custom_width="1536", custom_height="864")
    image_step.refresh_from_db()
    assert image_step.settings["by_provider"]["openai"]["image_size"] == "1536x864"


def test_only_declared_fields_can_change(save, image_step, workflow):
    save(workspace="x", identifier="step_9", position="99", kind="x", workflow="x", id="x")
    image_step.refresh_from_db()
    assert (image_step.identifier, image_step.kind) == ("step_1", "image_generation")
    assert image_step.workflow == workflow


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("", "The prompt is empty"),
        ("{{colour}}", "There is no input “colour”"),
        ("{{step_9.output}}", "There is no step “step_9”"),
        ("{{step_2.output}}", "does not come before this step"),
        ("{{step_1.output}}", "A step cannot use its own output"),
        ("{{product", "never closed"),
    ],
)
def test_run_explains_what_stands_in_its_way_and_writes_no_row(
    prompt, sentence, image_step, step_of, workflow, press_run, sandbox
):
    step_of(workflow)
    response = press_run(image_step, prompt=prompt)
    assert response.status_code == 422
    assert sentence in response.text
    assert not Run.objects.exists()
    assert sandbox.entries() == []


def test_a_refused_run_saves_what_was_typed_all_the_same(image_step, press_run):
    response = press_run(image_step, prompt="Typed {{colour}}", image_count="3")
    assert response.status_code == 422
    assert response["HX-Trigger"] == "step-saved"
    assert "Typed {{colour}}" in response.text
    image_step.refresh_from_db()
    assert image_step.settings["image_count"] == 3


def test_a_choice_that_was_changed_is_seen_before_anything_runs(image_step, press_run):
    response = press_run(image_step, image_output_format="jpeg", image_background="transparent")
    assert response.status_code == 422
    assert "Image Background was changed to Auto" in response.text
    assert response["HX-Trigger"] == "step-saved"
    assert not Run.objects.exists()
    assert press_run(image_step).status_code == 200


def test_a_form_key_of_another_step_is_refused_with_a_sentence(
    workflow, step_of, image_step, press_run
):
    press_run(image_step, form_key="one-form")
    response = press_run(step_of(workflow), form_key="one-form")
    assert response.status_code == 422
    assert "Reload the page" in response.text
    assert Run.objects.count() == 1


def test_a_step_whose_source_has_not_run_says_run_it_first(workflow, step_of, press_run):
    step_of(workflow)
    response = press_run(step_of(workflow, "{{step_1.output.assets.0.id}}"))
    assert response.status_code == 422
    assert "Run step_1 first" in response.text


def test_a_path_that_is_missing_fails_the_step_before_any_call(
    workflow, step_of, finished_run, press_run, let_the_hive_work, sandbox
):
    later = step_of(workflow, "{{step_1.output.assets.5.id}}")
    press_run(later)
    let_the_hive_work()
    error = later.runs.get().error
    assert error["error_code"] == "variable_not_found"
    assert "{{step_1.output.assets.5.id}}" in error["message"]
    assert len(sandbox.entries()) == 1


def test_a_prompt_that_is_blank_after_filling_is_refused(
    workflow, image_step, press_run, let_the_hive_work, sandbox
):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Extra", name="extra", required=False
    )
    press_run(image_step, prompt="{{extra}} ")
    let_the_hive_work()
    assert image_step.runs.get().error["error_code"] == "prompt_empty"
    assert sandbox.entries() == []


def test_a_prompt_that_is_too_long_as_it_stands_is_refused_before_any_row_is_written(
    image_step, press_run
):
    response = press_run(image_step, prompt="x" * 32_001)
    assert response.status_code == 422
    assert "32,001 characters" in response.text
    assert not Run.objects.exists()


def test_a_prompt_that_begins_with_much_white_space_is_not_empty(image_step, press_run):
    assert press_run(image_step, prompt=" " * 2000 + "a cat").status_code == 200


def test_a_prompt_longer_than_32000_characters_after_filling_is_refused(
    workflow, image_step, press_run, let_the_hive_work, sandbox
):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Long", name="long", test_value="x" * 32_000
    )
    press_run(image_step, prompt="y{{long}}")
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "invalid_setting"
    assert "32,001 characters" in error["message"]
    assert sandbox.entries() == []


def test_a_run_that_is_watched_answers_only_when_something_changed(finished_run, page, address_of):
    address = address_of(finished_run.step, "show-step-run", 1)
    version = finished_run.run.version
    assert page.get(address, {"version": version}).status_code == 204
    changed = page.get(address, {"version": version - 1})
    assert changed.status_code == 200
    assert "every 1s" not in changed.text


def test_a_person_s_text_is_shown_as_text(save, page, image_step, address_of):
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    save(name=hostile[:100], prompt=hostile)
    Workflow.objects.update(name=hostile[:100])
    for name in ("step-settings", "step-output"):
        html = page.get(address_of(image_step, name)).text
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_identifiers_are_never_used_again(workflow, step_of, page, address_of):
    step_of(workflow)
    second = step_of(workflow)
    page.post(address_of(second, "delete-step"))
    assert workflow.add_step().identifier == "step_3"


def test_deleting_a_step_keeps_its_runs_and_images(finished_run, page, address_of):
    page.post(address_of(finished_run.step, "delete-step"))
    assert not Step.objects.exists()
    finished_run.refresh_from_db()
    assert finished_run.step.deleted_at
    assert finished_run.assets.count() == 1


def test_the_output_tab_finds_a_run_by_its_number(finished_run, press_run, page, address_of):
    step = finished_run.step
    press_run(step)
    html = page.get(address_of(step, "step-output"), {"run": "1"}).text
    assert 'data-run="1"' in html
    assert 'data-run="2"' in page.get(address_of(step, "step-output")).text
    nothing = page.get(address_of(step, "step-output"), {"run": "9' OR 1=1"})
    assert nothing.status_code == 200


def test_saving_what_is_saved_already_changes_no_version(save, image_step):
    save(prompt="A red bicycle")
    image_step.refresh_from_db()
    version = image_step.version
    assert save(prompt="A red bicycle").status_code == 200
    image_step.refresh_from_db()
    assert image_step.version == version


@pytest.mark.parametrize(
    ("marker", "shown"),
    [
        ("server_error status=503", "Outcome unknown"),
        ("moderation_input", "Refused"),
        ("hang", "Outcome unknown"),
    ],
)
def test_an_unknown_outcome_is_told_from_a_failure(
    marker, shown, image_step, press_run, let_the_hive_work, page, address_of, settings
):
    settings.DEADLINE_SECONDS = 1
    press_run(image_step, prompt=f"x [[sandbox:{marker}]]")
    let_the_hive_work()
    html = page.get(address_of(image_step, "step-output")).text
    strip = html.split('class="strip')[1].split("</b>")[0]
    assert shown in strip


@pytest.mark.cooked_books
def test_a_reference_to_an_image_counts_only_the_images_that_came(
    image_step, press_run, let_the_hive_work, page, address_of
):
    press_run(image_step, image_count="2")
    let_the_hive_work()
    image_step.runs.get().assets.get(slot=0).delete()
    html = page.get(address_of(image_step, "step-output")).text
    assert 'data-copy="{{step_1.output.assets.0.file_url}}" aria-label="Copy the reference' in html


def test_no_note_of_a_template_is_shown(repository):
    """Django takes only comments of one line for comments."""
    templates = (repository / "templates").rglob("*.html")
    lines = [line for each in templates for line in each.read_text().splitlines()]
    assert [line for line in lines if line.count("{#") != line.count("#}")] == []
