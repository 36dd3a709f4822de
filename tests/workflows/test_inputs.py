import pytest

from workflows.inputs import WrongValue, read, values_for_a_test
from workflows.models import Input, Run


@pytest.mark.parametrize(
    ("type", "typed", "value"),
    [
        ("text", "a bottle", "a bottle"),
        ("text", "  ", None),
        ("number", "12", 12),
        ("number", "1.5", 1.5),
        ("number", "-3", -3),
        ("select", "red", "red"),
        ("json_list", '["a", 1]', ["a", 1]),
        ("json_list", "", None),
    ],
)
def test_what_was_typed_becomes_a_value_of_the_declared_type(type, typed, value):
    assert read(Input(label="It", type=type, options=["red", "blue"]), typed) == value


@pytest.mark.parametrize(
    ("type", "typed", "advice"),
    [
        ("number", "twelve", "Write 12 or 1.5"),
        ("number", "nan", "Write 12 or 1.5"),
        ("number", "1e999", "Write 12 or 1.5"),
        ("select", "green", "Its choices are: red, blue"),
        ("json_list", "red, blue", "Write it like"),
        ("json_list", '{"a": 1}', "Write it like"),
        ("json_list", "[" * 100_000, "Write it like"),
        ("json_list", "[NaN]", "Write it like"),
        ("json_list", "[1e999]", "Write it like"),
        ("json_list", '["\\u0000"]', "Write it like"),
        ("json_list", '["\\ud800"]', "Write it like"),
    ],
)
def test_a_wrong_type_is_said_with_what_would_fit(type, typed, advice):
    with pytest.raises(WrongValue, match=advice):
        read(Input(label="It", type=type, options=["red", "blue"]), typed)


def test_the_test_value_comes_before_the_default():
    inputs = [
        Input(label="A", name="a", test_value="tested", default="usual"),
        Input(label="B", name="b", default="usual"),
        Input(label="C", name="c", required=False),
    ]
    assert values_for_a_test(inputs) == ({"a": "tested", "b": "usual", "c": None}, [])


def test_a_required_input_without_a_value_is_named():
    _, problems = values_for_a_test([Input(label="Product", name="product")])
    assert problems == ["Product has no value. Give it a test value in Inputs."]


@pytest.fixture
def inputs_page(workflow):
    return f"/w/{workflow.workspace.slug}/workflows/{workflow.pk}/inputs"


FIELDS = {"label": "Product", "name": "product", "type": "text", "test_value": "a bottle"}


def posted(prefix, **fields):
    return {f"{prefix}-{name}": value for name, value in (FIELDS | fields).items()}


def test_an_input_is_added_and_changed(page, inputs_page, workflow):
    assert page.post(f"{inputs_page}/new", posted("new")).status_code == 302
    input = workflow.inputs.get()
    assert (input.name, input.test_value, input.required) == ("product", "a bottle", False)
    page.post(
        f"{inputs_page}/{input.pk}",
        posted(input.pk, test_value="a bicycle", required="on", version=1),
    )
    input.refresh_from_db()
    assert (input.test_value, input.required) == ("a bicycle", True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "Product"}, "starts with a small letter"),
        ({"name": "step_1"}, "is not step_1"),
        ({"name": "größe"}, "starts with a small letter"),
        ({"type": "number"}, "is a Number"),
        ({"type": "select", "options": "red\nblue"}, "Its choices are: red, blue"),
        ({"type": "nonsense"}, "Select a valid choice"),
    ],
)
def test_a_wrong_input_is_refused_and_shown_as_typed(fields, sentence, page, inputs_page, workflow):
    response = page.post(f"{inputs_page}/new", posted("new", **fields))
    assert response.status_code == 422
    assert sentence in response.text
    assert "a bottle" in response.text
    assert not workflow.inputs.exists()


def test_two_inputs_never_share_a_name(page, inputs_page, workflow):
    page.post(f"{inputs_page}/new", posted("new"))
    response = page.post(f"{inputs_page}/new", posted("new", label="Another"))
    assert response.status_code == 422
    assert "Another input is called product" in response.text


def test_inputs_fill_the_prompt(workflow, image_step, press_run, let_the_hive_work, sandbox):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a red bicycle"
    )
    press_run(image_step, prompt="Show {{product}}")
    let_the_hive_work()
    assert sandbox.entries()[0]["body"]["prompt"] == "Show a red bicycle"


def test_a_missing_input_is_refused_before_any_row_is_written(
    workflow, image_step, press_run, sandbox
):
    workflow.inputs.create(workspace=workflow.workspace, label="Product", name="product")
    response = press_run(image_step, prompt="Show {{product}}")
    assert response.status_code == 422
    assert "Product has no value. Give it a test value in Inputs." in response.text
    assert not Run.objects.exists()


def test_an_input_of_the_wrong_type_is_refused_before_any_row_is_written(
    workflow, image_step, press_run
):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Size", name="size", type="number", test_value="big"
    )
    response = press_run(image_step, prompt="Show {{size}}")
    assert response.status_code == 422
    assert "Size is a Number; “big” is none" in response.text
    assert not Run.objects.exists()


def test_the_names_of_inputs_are_kept_by_the_database(workflow):
    from django.db import IntegrityError, transaction

    for name in ("Product", "step_1", "1st", "a b"):
        with pytest.raises(IntegrityError), transaction.atomic():
            workflow.inputs.create(workspace=workflow.workspace, label="x", name=name)
