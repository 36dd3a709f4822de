import pytest

from workflows.models import Run


@pytest.fixture
def product(workflow):
    return workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", example="a bottle"
    )


@pytest.fixture
def give(page, workflow):
    def post(values):
        form = {f"value-{input.pk}": value for input, value in values.items()}
        return page.post(f"/w/acme-shop/workflows/{workflow.pk}/test-values", form)

    return post


def asked(response):
    """The part of the answer that is the dialog."""
    _, found, after = response.text.partition('id="missing-values"')
    return after.partition("</dialog>")[0] if found else ""


def test_a_run_asks_for_exactly_the_required_values_that_are_missing(
    workflow, image_step, press_run, product
):
    others = [
        {"name": "given", "test_value": "x"},
        {"name": "usual", "default": "x"},
        {"name": "optional", "required": False},
    ]
    for fields in others:
        workflow.inputs.create(workspace=workflow.workspace, label=fields["name"], **fields)
    prompt = "{{product}} {{given}} {{usual}} {{optional}}"
    response = press_run(image_step, prompt=prompt)
    assert response.status_code == 422
    assert "Product has no value. Give it a test value in Inputs." in response.text
    assert asked(response).count('class="field"') == 1
    assert f'name="value-{product.pk}"' in asked(response)
    assert 'placeholder="a bottle"' in asked(response)


def test_a_value_that_the_step_does_not_use_is_not_asked_for(image_step, press_run, product):
    assert press_run(image_step).status_code == 200


@pytest.mark.parametrize("prompt", ["{{product}} {{unknown}}", "{{product}} {{size}}"])
def test_nothing_is_asked_while_something_else_stands_in_the_way(
    prompt, workflow, image_step, press_run, product
):
    workflow.inputs.create(
        workspace=workflow.workspace, label="Size", name="size", type="number", test_value="big"
    )
    response = press_run(image_step, prompt=prompt)
    assert response.status_code == 422
    assert not asked(response)


def test_the_values_are_kept_as_test_values_and_the_run_goes(
    image_step, press_run, product, give, let_the_hive_work, sandbox
):
    press_run(image_step, prompt="Show {{product}}")
    response = give({product: "a red bicycle"})
    assert response.status_code == 204
    assert response["HX-Trigger"] == "values-given"
    press_run(image_step)
    let_the_hive_work()
    assert sandbox.entries()[0]["body"]["prompt"] == "Show a red bicycle"
    product.refresh_from_db()
    assert product.version == 2


def test_a_wrong_value_gets_a_sentence_and_nothing_is_stored(workflow, product, give):
    size = workflow.inputs.create(
        workspace=workflow.workspace, label="Size", name="size", type="number"
    )
    response = give({product: "a bicycle", size: "big"})
    assert response.status_code == 422
    assert "Size is a Number; “big” is none" in response.text
    assert "a bicycle" in response.text
    assert give({product: " ", size: "3"}).status_code == 422
    assert "Product needs a value." in give({product: " ", size: "3"}).text
    assert set(workflow.inputs.values_list("test_value", flat=True)) == {""}
    assert not Run.objects.exists()


def test_a_value_that_came_from_another_tab_is_not_overwritten(product, give):
    give({product: "from the first"})
    response = give({product: "from the second"})
    assert response.status_code == 422
    assert "Product was given a value in another tab" in response.text
    product.refresh_from_db()
    assert product.test_value == "from the first"


def test_a_select_is_asked_for_by_its_options(workflow, image_step, press_run):
    workflow.inputs.create(
        workspace=workflow.workspace,
        label="Colour",
        name="colour",
        type="select",
        options=["red", "blue"],
    )
    dialog = asked(press_run(image_step, prompt="{{colour}}"))
    assert '<option value="red">red</option>' in dialog
