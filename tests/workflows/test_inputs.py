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
        ("json_list", "red, blue", r'Write it like \["red", "blue"\]'),
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


def test_the_way_back_leads_to_the_step_one_came_from(page, inputs_page, workflow, step_of):
    step_of(workflow)
    second = step_of(workflow)
    from_there = f"{inputs_page}?from={second.identifier}"
    settings = f'href="/w/acme-shop/workflows/{workflow.pk}/steps/{second.identifier}/settings"'
    assert f"{settings}>Back to the steps</a>" in page.get(from_there).text
    added = page.post(f"{inputs_page}/new?from={second.identifier}", posted("new"))
    assert added["Location"] == from_there
    for stray in ("step_99", "//evil.example", "step_1"):
        assert settings not in page.get(inputs_page, {"from": stray}).text


def test_the_column_says_which_step_it_is_left_from(page, inputs_page, image_step, address_of):
    column = page.get(address_of(image_step, "step-cards")).text
    assert f"{inputs_page}?from={image_step.identifier}" in column


def test_a_saved_card_is_where_one_stays(page, inputs_page, workflow):
    input = workflow.inputs.create(workspace=workflow.workspace, **FIELDS)
    saved = page.post(f"{inputs_page}/{input.pk}", posted(input.pk, default="a cup", version=1))
    assert saved["Location"].endswith(f"#input-{input.pk}")


def test_a_card_says_by_itself_that_it_was_saved(page, inputs_page, workflow):
    input = workflow.inputs.create(workspace=workflow.workspace, **FIELDS)
    renamed = posted(input.pk, name="goods", version=1)
    answer = page.post(
        f"{inputs_page}/{input.pk}", renamed, follow=True, headers={"HX-Request": "true"}
    )
    card = answer.text.partition(f'id="input-{input.pk}"')[2]
    assert "Renamed product to goods." in card
    assert "undo-rename/product/goods" in card


def test_a_card_that_is_saved_by_nobody_stays_on_the_screen(client, inputs_page, workflow):
    input = workflow.inputs.create(workspace=workflow.workspace, **FIELDS)
    answer = client.post(f"{inputs_page}/{input.pk}", headers={"HX-Request": "true"})
    assert answer.status_code == 401
