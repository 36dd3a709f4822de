"""The Inputs card of the editor: test values edited where they are used."""

import pytest
from django.urls import reverse


@pytest.fixture
def product(workflow):
    return workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a bottle"
    )


@pytest.fixture
def type_value(page, workflow):
    def typed(input, value, version=None):
        address = reverse(
            "workflows:save-test-value", args=[workflow.workspace.slug, workflow.pk, input.pk]
        )
        fields = {"value": value, "version": version or input.version}
        return page.post(address, {f"test-{input.pk}-{k}": v for k, v in fields.items()})

    return typed


def test_the_card_shows_each_test_value_and_its_control(product, image_step, page, address_of):
    column = page.get(address_of(image_step, "step-cards")).text
    assert "<code>product</code> a bottle" in column
    assert f'name="test-{product.pk}-value"' in column


def test_an_empty_control_names_the_default_that_a_run_uses(product, image_step, page, address_of):
    product.save_edit(1, test_value="", default="a mug")
    assert "Default: a mug" in page.get(address_of(image_step, "step-cards")).text


def test_a_viewer_reads_the_values_and_has_no_controls(
    product, image_step, browser_of, viewer, address_of
):
    column = browser_of(viewer).get(address_of(image_step, "step-cards")).text
    assert "a bottle" in column
    assert f"test-{product.pk}" not in column


def test_a_value_is_stored_and_the_form_hears_of_it(product, type_value):
    answer = type_value(product, "a cup")
    assert answer["HX-Trigger"] == "input-saved"
    product.refresh_from_db()
    assert product.test_value == "a cup"
    assert f'value="{product.version}"' in answer.text


def test_a_value_of_the_wrong_type_is_refused_beside_its_field(workflow, type_value):
    size = workflow.inputs.create(
        workspace=workflow.workspace, label="Size", name="size", type="number", test_value="1"
    )
    answer = type_value(size, "big")
    assert answer.status_code == 422
    assert "Size is a Number; “big” is none" in answer.text
    size.refresh_from_db()
    assert size.test_value == "1"


def test_a_value_that_was_changed_elsewhere_is_not_written_over(product, type_value):
    product.save_edit(1, test_value="a bicycle")
    answer = type_value(product, "a cup", version=1)
    assert answer.status_code == 409
    assert "“a bicycle”" in answer.text
    assert "a cup" in answer.text
    product.refresh_from_db()
    assert product.test_value == "a bicycle"
    assert type_value(product, "a cup").status_code == 200
