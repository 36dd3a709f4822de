"""Export and import of a workflow."""

import json
from io import BytesIO

import pytest
from django.urls import reverse

from workflows.import_file import MOST_BYTES
from workflows.models import Input, Step, Workflow


@pytest.fixture
def export(page):
    def exported(workflow):
        address = reverse("workflows:export-workflow", args=[workflow.workspace.slug, workflow.pk])
        return page.get(address)

    return exported


@pytest.fixture
def import_(page, workspace):
    """Choose a file, press Import; the answer."""

    def imported(content):
        if not isinstance(content, bytes | str):
            content = json.dumps(content, indent=1)
        file = BytesIO(content if isinstance(content, bytes) else content.encode())
        file.name = "workflow.json"
        return page.post(
            reverse("workflows:import-workflow", args=[workspace.slug]), {"file": file}
        )

    return imported


def a_file(**workflow):
    described = {"name": "Banners", "inputs": [], "steps": [a_step()]} | workflow
    return {"format": "fetchhive.workflow", "version": 1, "workflow": described}


def a_step(**fields):
    kind = {"kind": "image_generation", "settings": {"prompt": "A bottle"}}
    return {"identifier": "step_1", "name": "Hero"} | kind | fields


def an_input(**fields):
    return {"label": "Product", "name": "product"} | fields


def rows():
    return Workflow.objects.count(), Step.objects.count(), Input.objects.count()


def test_what_was_exported_can_be_imported_again(finished_run, step_of, export, import_):
    workflow = finished_run.run.workflow
    step_of(workflow, "{{step_1.output.assets.0.file_url}} für {{colour}}", name="Zweite")
    workflow.inputs.create(
        workspace=workflow.workspace,
        label="Colour",
        name="colour",
        type="select",
        options=["red", "blue"],
        default="red",
        example="blue",
        required=False,
        test_value="blue",
    )
    first = export(workflow)
    assert first["Content-Disposition"] == 'attachment; filename="product-hero-images.json"'
    import_(first.content)
    twin = Workflow.objects.exclude(pk=workflow.pk).get()
    assert export(twin).content == first.content
    assert not twin.runs.exists()
    assert twin.add_step().identifier == "step_3"


def test_the_file_has_nothing_but_the_allowed_fields(finished_run, export):
    workflow, step = finished_run.run.workflow, finished_run.step
    workflow.inputs.create(workspace=workflow.workspace, label="Product", name="product")
    step.settings |= {"api_key": "sk-secret"}
    step.settings["by_provider"]["openai"] |= {"key": "sk-secret"}
    step.save()
    text = export(workflow).text
    file = json.loads(text)
    assert list(file) == ["format", "version", "workflow"]
    assert list(file["workflow"]) == ["name", "inputs", "steps"]
    assert list(file["workflow"]["inputs"][0]) == [
        *("label", "name", "type", "required", "default", "example", "options", "test_value")
    ]
    assert list(file["workflow"]["steps"][0]) == [
        *("identifier", "name", "kind", "settings", "failure_policy")
    ]
    for secret in ("sk-secret", str(workflow.pk), str(step.pk), workflow.workspace.slug):
        assert secret not in text


def test_what_else_a_file_says_is_not_read(import_, workspace):
    foreign = {
        "id": "1",
        "workspace": "elsewhere",
        "last_run_number": 9,
        "deleted_at": "2026-01-01",
    }
    import_(a_file(**foreign, steps=[a_step(version=7, id="1")]))
    workflow = Workflow.objects.get()
    assert (workflow.workspace, workflow.last_run_number) == (workspace, 0)
    assert workflow.deleted_at is None
    assert workflow.steps.get().version == 1


def test_the_counter_is_at_least_the_highest_identifier(import_):
    import_(a_file(steps=[a_step(identifier="step_7"), a_step()]))
    workflow = Workflow.objects.get()
    assert [step.identifier for step in workflow.steps.all()] == ["step_7", "step_1"]
    added = workflow.add_step()
    assert added.identifier == "step_8"
    assert workflow.steps.last() == added


def test_an_imported_workflow_opens_and_says_that_it_was(import_, page):
    response = import_(b"\xef\xbb\xbf" + json.dumps(a_file()).encode())
    assert "Imported “Banners”." in page.get(response["Location"], follow=True).text


REFUSED = {
    "no JSON at all": ("hello", "Line 1, column 1: the JSON is broken here: a value is missing."),
    "a colon too few": ('{\n"format" 1}', "Line 2, column 10: the JSON is broken here: a colon"),
    "a comma too few": ("[1\n2]", "Line 2, column 1: the JSON is broken here: a comma or"),
    "a broken line": ('{\n"format":\n\n tru}', "Line 4, column 2"),
    "a text without end": ('{\n"format', "begins that has no closing quote"),
    "a text with a tab": ('["\t"]', "control character in it"),
    "a stray backslash": (r'["\x"]', "a backslash stands before"),
    "two files in one": ("[]\n[]", "Line 2, column 1: the JSON is broken here: the file should"),
    "NaN": ('{"NaN": "NaN",\n"format": NaN}', "Line 2: NaN is no value of JSON"),
    "a huge number": ('{"format": ' + "9" * 5000 + "}", "nothing can read"),
    "an endless number": ('{"format": 1e999}', "nothing can read"),
    "a deep nesting": ("[" * 100_000, "nothing can read"),
    "half a character": ('{"format": "\\ud800"}', "half a character"),
    "a null character": ('{\n"format": "\\u0000"}', "Line 2 has a null character"),
    "no UTF-8": (b'{\n"format": "\xff"}', "Line 2 is not UTF-8 text"),
    "a list": ([], "no exported workflow"),
    "another program's": ({"nodes": [], "connections": {}}, "no exported workflow"),
    "a newer version": (a_file() | {"version": 2}, "Line 3: the version of the format is 2"),
    "a version in words": (a_file() | {"version": "1"}, "Line 3: the version of the format is"),
    "no version": ({"format": "fetchhive.workflow"}, "the version of the format is none"),
    "no workflow": ({"format": "fetchhive.workflow", "version": 1}, "name is missing"),
    "a workflow that is none": (
        a_file() | {"workflow": [1]},
        "Line 4: workflow has to be an object",
    ),
    "a name of numbers": (a_file(name=12), "Line 5: name has to be text"),
    "an empty name": (a_file(name="  "), "Line 5: name is empty"),
    "a long name": (a_file(name="x" * 101), "name has more than 100 characters"),
    "steps that are no list": (a_file(steps={}), "steps has to be a list"),
    "too many steps": (
        a_file(steps=[a_step(identifier=f"step_{n}") for n in range(1, 102)]),
        "steps has more than 100 entries",
    ),
    "an unknown kind": (a_file(steps=[a_step(kind="shell")]), "kind is “shell”; there is image"),
    "an unknown policy": (
        a_file(steps=[a_step(failure_policy="retry")]),
        "failure_policy has to be",
    ),
    "settings that are no object": (
        a_file(steps=[a_step(settings=[])]),
        "steps → 1 → settings has to be an object",
    ),
    "two of one identifier": (
        a_file(steps=[a_step(), a_step()]),
        "steps → 2 → identifier is step_1, and so is one before it",
    ),
    "two of one name": (
        a_file(inputs=[an_input(), an_input()]),
        "inputs → 2 → name is product, and so is one before it",
    ),
    "an input named like a step": (
        a_file(inputs=[an_input(name="step_1")]),
        "name is step_1, which is kept for steps",
    ),
    "options of numbers": (
        a_file(inputs=[an_input(options=["a", 1])]),
        "inputs → 1 → options → 2 has to be text",
    ),
    "an unknown type": (a_file(inputs=[an_input(type="file")]), "type has to be 'text'"),
    "an empty file": ("", "Line 1, column 1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_said_and_nothing_is_written(what, import_, workflow):
    content, sentence = REFUSED[what]
    response = import_(content)
    assert response.status_code == 422
    assert sentence.replace("'", "&#x27;") in response.text
    assert "Nothing was imported." in response.text
    assert rows() == (1, 0, 0)


@pytest.mark.parametrize(
    "identifier",
    ["step_0", "step_01", "step_", "1", "step_1\n", "STEP_1", "step_999999999"],
)
def test_an_identifier_is_step_and_a_number(identifier, import_, db):
    response = import_(a_file(steps=[a_step(identifier=identifier)]))
    assert "identifier has to be step_1, step_2 and so on" in response.text
    assert rows() == (0, 0, 0)


@pytest.mark.parametrize("name", ["Product", "1st", "a-b", "a\n", "", "größe"])
def test_the_name_of_an_input_is_a_variable(name, import_, db):
    response = import_(a_file(inputs=[an_input(name=name)]))
    assert "name has to start with a small letter" in response.text
    assert rows() == (0, 0, 0)


def test_a_file_that_is_too_large_is_refused(import_, db):
    response = import_(b" " * (MOST_BYTES + 1))
    assert "larger than 5 MB" in response.text


def test_import_without_a_file_asks_for_one(page, workspace):
    response = page.post(reverse("workflows:import-workflow", args=[workspace.slug]))
    assert response.status_code == 422
    assert "No file was chosen" in response.text


RUBBISH = [None, True, 1.5, -1, 10**30, "", "x" * 5000, "<script>", [], [[1]], {"a": {}}, "{{"]


RUBBISH_IN = {
    **{
        name: lambda value, name=name: {name: value}
        for name in ("model", "prompt", "image_count", "charge_type", "charge_type_kept")
    },
    "by_provider": lambda value: {"by_provider": value},
    "openai": lambda value: {"by_provider": {"openai": value, "nobody": value}},
    "image_size": lambda value: {"by_provider": {"openai": {"image_size": value, "x": value}}},
    "ratio": lambda value: {
        "model": "gemini-2.5-flash-image",
        "by_provider": {"gemini": {"image_size": value}},
    },
    "compression": lambda value: {"by_provider": {"openai": {"image_output_compression": value}}},
}


@pytest.mark.parametrize("where", RUBBISH_IN)
def test_rubbish_in_the_settings_breaks_no_page(where, import_, page, export):
    steps = [
        a_step(identifier=f"step_{number}", settings=RUBBISH_IN[where](value))
        for number, value in enumerate(RUBBISH, 1)
    ]
    import_(a_file(steps=steps))
    workflow = Workflow.objects.get()
    for step in workflow.steps.all():
        path = reverse("workflows:step-settings", args=["acme-shop", workflow.pk, step.identifier])
        assert page.get(path).status_code == 200, step.settings
    assert export(workflow).status_code == 200


def test_the_address_that_a_refused_file_leaves_leads_to_the_list(import_, page, workspace):
    refused = import_("hello")
    address = refused.request["PATH_INFO"]
    assert page.get(address)["Location"] == f"/w/{workspace.slug}/workflows"
