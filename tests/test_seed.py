"""The public page of the step, sentence by sentence: each test is named after one."""

import json

import pytest

from imagegen.models import Asset, Charge, Storage
from workflows.models import Run, StepRun, Workflow
from workflows.runs.start import run_workflow


@pytest.fixture
def settings_page(page, image_step, address_of):
    def draw():
        return page.get(address_of(image_step, "step-settings")).text

    return draw


@pytest.fixture
def draw_with(page, image_step, address_of):
    """The form redrawn after a change of it."""
    from tests.conftest import SETTINGS

    def change(**fields):
        image_step.refresh_from_db()
        form = SETTINGS | {"version": str(image_step.version)} | fields
        return page.post(address_of(image_step, "save-step"), form)

    return change


def tag(html, needle):
    """The opening tag that holds the needle."""
    at = html.index(needle)
    return html[html.rindex("<", 0, at) : html.index(">", at) + 1]


def test_create_images_from_a_prompt_and_reuse_the_generated_assets_later_in_the_workflow(
    workflow, step_of, author, let_the_hive_work, sandbox
):
    step_of(workflow, "A bottle")
    step_of(workflow, "A banner like {{step_1.output.assets.0.file_url}}")
    run = run_workflow(workflow, author, "key")
    let_the_hive_work()
    run.refresh_from_db()
    assert run.status == "succeeded"
    first = Asset.objects.get(step_run__identifier="step_1")
    assert sandbox.entries()[1]["body"]["prompt"] == f"A banner like {first.file_url}"


def test_supports_openai_gpt_image_2(finished_run, sandbox):
    assert sandbox.entries()[0]["body"]["model"] == "gpt-image-2"


def test_select_the_model_in_the_model_dropdown_at_the_top_of_the_settings_form(settings_page):
    html = settings_page()
    assert tag(html, 'name="model"').startswith("<select")
    assert html.index('name="model"') < html.index('name="prompt"')


def test_name_is_the_label_for_the_step_in_the_workflow_canvas(draw_with, settings_page):
    draw_with(name="My bottle")
    canvas = settings_page().split('id="cards"')[1].split("</nav>")[0]
    assert "My bottle" in canvas


def test_default_model_is_gpt_image_2(workflow):
    step = workflow.add_step()
    assert step.settings["model"] == "gpt-image-2"
    assert step.name == "Image Generation"


def test_prompt_is_required(image_step, press_run, sandbox):
    response = press_run(image_step, prompt="   ")
    assert response.status_code == 422
    assert "The prompt is empty" in response.text
    assert not Run.objects.exists()
    assert sandbox.entries() == []


def test_openai_uses_size_tiles(settings_page):
    html = settings_page()
    tiles = [
        *("auto", "1024x1024", "1536x1024", "1024x1536", "2048x2048", "2048x1152"),
        *("3840x2160", "2160x3840", "custom"),
    ]
    for size in tiles:
        assert 'type="radio"' in tag(html, f'id="id_image_size_{size}"')
    assert "checked" in tag(html, 'id="id_image_size_1024x1024"')


def test_image_count_is_the_number_of_images_to_generate(
    image_step, press_run, let_the_hive_work, sandbox
):
    press_run(image_step, image_count="4")
    let_the_hive_work()
    assert sandbox.entries()[0]["body"]["n"] == 4
    assert len(image_step.runs.get().output_for_later_steps["assets"]) == 4


@pytest.mark.parametrize(
    ("setting", "value", "parameter"),
    [
        ("image_quality", "medium", "quality"),
        ("image_background", "opaque", "background"),
        ("image_moderation", "low", "moderation"),
        ("image_output_format", "webp", "output_format"),
        ("image_output_compression", "55", "output_compression"),
        ("image_size", "1536x1024", "size"),
    ],
)
def test_quality_background_moderation_format_compression_and_size_reach_openai(
    setting, value, parameter, image_step, press_run, let_the_hive_work, sandbox
):
    press_run(image_step, **{setting: value})
    let_the_hive_work()
    sent = sandbox.entries()[0]["body"][parameter]
    assert str(sent) == value
    assert str(image_step.runs.get().output_for_later_steps["settings"][setting]) == value


def test_charge_type_is_whether_the_step_uses_hosted_or_personal_billing(settings_page):
    html = settings_page()
    assert "checked" in tag(html, 'id="id_charge_type_hosted"')
    assert 'type="radio"' in tag(html, 'id="id_charge_type_personal"')
    assert "Charge Type" in html


def test_when_the_step_fails_terminate_workflow_ends_it(
    workflow, step_of, author, let_the_hive_work, sandbox
):
    step_of(workflow, "x [[sandbox:no_images]]", failure_policy="terminate")
    step_of(workflow, "A second one")
    run = run_workflow(workflow, author, "key")
    let_the_hive_work()
    run.refresh_from_db()
    assert run.status == "failed"
    assert [each.status for each in run.step_runs.all()] == ["failed", "skipped"]
    assert len(sandbox.entries()) == 1


def test_when_the_step_fails_continue_lets_the_workflow_go_on(
    workflow, step_of, author, let_the_hive_work, sandbox
):
    step_of(workflow, "x [[sandbox:no_images]]", failure_policy="continue")
    step_of(workflow, "Banner [{{step_1.output.assets.0.file_url}}]")
    run = run_workflow(workflow, author, "key")
    let_the_hive_work()
    run.refresh_from_db()
    assert run.status == "completed_with_errors"
    assert [each.status for each in run.step_runs.all()] == ["failed", "succeeded"]
    assert sandbox.entries()[1]["body"]["prompt"] == "Banner []"
    assert "step_1 failed" in run.step_runs.last().warnings[0]


def test_use_the_insert_variable_button_next_to_prompt_for_inputs_and_earlier_steps(
    workflow, step_of, page, address_of
):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a bottle"
    )
    step_of(workflow)
    step = step_of(workflow)
    assert "Insert Variable" in page.get(address_of(step, "step-settings")).text
    html = page.get(address_of(step, "step-variables")).text
    assert 'data-insert-text="{{product}}"' in html
    assert 'data-insert-text="{{step_1.output.assets.0.file_url}}"' in html
    assert "no value yet" in html
    assert "{{step_2.output" not in html


def test_this_step_uses_settings_and_output_tabs(settings_page):
    html = settings_page()
    assert 'data-tab-link="settings"' in html
    assert 'data-tab-link="output"' in html


def test_the_output_tab_shows_the_generated_images_as_a_gallery_after_a_successful_test_run(
    finished_run, page, address_of
):
    html = page.get(address_of(finished_run.step, "step-output")).text
    gallery = html.split('id="gallery"')[1]
    asset = finished_run.assets.get()
    assert f'src="{asset.thumbnail_path}"' in gallery
    assert f'data-src="{asset.path}"' in gallery


def test_this_step_outputs_an_object_with_settings_and_assets(finished_run):
    assert list(finished_run.output_for_later_steps) == ["settings", "assets"]


def test_each_asset_item_includes_id_file_url_file_name_file_size_and_file_type(finished_run):
    (asset,) = finished_run.output_for_later_steps["assets"]
    assert {"id", "file_url", "file_name", "file_size", "file_type"} <= set(asset)


@pytest.fixture
def prompt_sent_for(workflow, step_of, finished_run, press_run, let_the_hive_work, sandbox):
    """What the provider reads when a later step's prompt is this text."""

    def send(text):
        press_run(step_of(workflow, text))
        let_the_hive_work()
        return sandbox.entries()[-1]["body"]["prompt"]

    return send


def test_use_the_base_output_reference_to_pass_the_full_object_forward(
    prompt_sent_for, finished_run
):
    sent = prompt_sent_for("{{step_1.output}}")
    assert json.loads(sent) == finished_run.output_for_later_steps


def test_to_reference_a_specific_generated_image_field_use_an_indexed_path(
    prompt_sent_for, finished_run
):
    sent = prompt_sent_for(
        "{{step_1.output.assets.0.file_url}} {{step_1.output.assets.0.file_name}}"
    )
    asset = finished_run.assets.get()
    assert sent == f"{asset.file_url} {asset.file_name}"


def test_to_reference_settings_used_by_the_step(prompt_sent_for):
    sent = prompt_sent_for("{{step_1.output.settings.model}} {{step_1.output.settings.image_size}}")
    assert sent == "gpt-image-2 1024x1024"


def test_openai_outputs_include_openai_specific_fields(finished_run):
    assert {
        "image_quality",
        "image_background",
        "image_output_format",
        "image_output_compression",
    } <= set(finished_run.output_for_later_steps["settings"])


def test_use_the_variable_picker_after_a_test_run_to_confirm_the_exact_path(
    finished_run, page, address_of
):
    html = page.get(address_of(finished_run.step, "step-output")).text
    assert 'data-copy="{{step_1.output.assets.0.file_url}}"' in html
    assert finished_run.assets.get().file_name in html


def test_lower_output_compression_for_smaller_jpeg_or_webp_output(
    image_step, press_run, let_the_hive_work
):
    for image_format in ("jpeg", "webp"):
        for compression in ("90", "20"):
            press_run(
                image_step,
                image_output_format=image_format,
                image_output_compression=compression,
            )
            let_the_hive_work()
    sizes = list(Asset.objects.order_by("created_at").values_list("file_size", flat=True))
    assert sizes[1] < sizes[0]
    assert sizes[3] < sizes[2]


def test_if_output_format_is_png_output_compression_is_disabled_in_the_editor(draw_with):
    png = draw_with(image_output_format="png").text
    assert "disabled" in tag(png, 'name="image_output_compression"')
    assert "Output Compression does not apply to PNG" in png
    jpeg = draw_with(image_output_format="jpeg").text
    assert "disabled" not in tag(jpeg, 'name="image_output_compression"')


def test_if_output_format_is_jpeg_transparent_is_not_available_in_background(
    draw_with, image_step, press_run, sandbox
):
    html = draw_with(image_output_format="jpeg", image_background="transparent").text
    assert "disabled" in tag(html, 'id="id_image_background_transparent"')
    assert "checked" in tag(html, 'id="id_image_background_auto"')
    assert "Image Background was changed to Auto" in html
    assert "Transparent is not available with JPEG" in html


def test_click_run_in_the_step_header(settings_page, image_step, address_of):
    header = settings_page().split('id="step-header"')[1].split('role="tablist"')[0]
    assert address_of(image_step, "start-step-run") in header


def test_after_the_run_finishes_open_output_to_review_the_returned_images(
    image_step, press_run, let_the_hive_work, page
):
    started = press_run(image_step)
    assert 'data-tab="output"' in started.text
    assert "every 1s" in started.text
    let_the_hive_work()
    finished = page.get(started["HX-Push-Url"]).text
    assert "every 1s" not in finished
    assert Asset.objects.get().file_name in finished


def test_openai_gpt_image_2_is_billed_per_token(finished_run):
    lines = Charge.objects.get().lines
    assert [line["what"] for line in lines] == ["text in tokens", "image out tokens"]
    assert all(line["unit"] == "1M tokens" for line in lines)


def test_this_step_returns_uploaded_asset_records_not_just_raw_image_bytes(finished_run):
    asset = Asset.objects.get()
    assert finished_run.output_for_later_steps["assets"][0]["id"] == str(asset.pk)
    assert "b64_json" not in json.dumps(StepRun.objects.get().output)


def test_if_the_storage_limit_is_reached_the_step_fails_without_generating_or_uploading(
    image_step, press_run, let_the_hive_work, sandbox
):
    Storage.objects.update(limit=0)
    press_run(image_step)
    let_the_hive_work()
    assert image_step.runs.get().error["error_code"] == "asset_storage_limit_reached"
    assert sandbox.entries() == []
    assert not Asset.objects.exists()


def test_generated_file_urls_are_useful_when_a_later_step_needs_to_pass_an_image_reference_forward(
    finished_run, client
):
    address = finished_run.output_for_later_steps["assets"][0]["file_url"]
    assert address.startswith("http://testserver/files/")
    response = client.get(address.removeprefix("http://testserver"))
    assert response.status_code == 200
    assert response.getvalue()


def test_new_workflow_has_one_image_generation_step(page, workspace):
    page.post(f"/w/{workspace.slug}/workflows/new")
    (step,) = Workflow.objects.get().steps.all()
    assert (step.identifier, step.name, step.kind) == (
        "step_1",
        "Image Generation",
        "image_generation",
    )
