import re
from html import unescape

import pytest
from django.contrib.messages import get_messages

from workflows.models import Input


@pytest.fixture
def product(workflow):
    return workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a bottle"
    )


def address(input, *more):
    workflow = input.workflow
    page = f"/w/{workflow.workspace.slug}/workflows/{workflow.pk}/inputs"
    return "/".join([page, str(input.pk), *more])


@pytest.fixture
def save(page):
    def post(input, **fields):
        drawn = {
            "label": input.label,
            "name": input.name,
            "type": input.type,
            "required": "on",
            "test_value": input.test_value,
            "version": input.version,
        }
        form = {f"{input.pk}-{name}": value for name, value in (drawn | fields).items()}
        return page.post(address(input), form)

    return post


@pytest.fixture
def undo(page):
    """The button in the message; a server refuses an address that is too long."""

    def press(response):
        shown = page.get(response["Location"]).text
        pressed = unescape(re.search(r'action="([^"]*/undo-rename/[^"]*)"', shown)[1])
        assert len(pressed) < 1_000
        return page.post(pressed)

    return press


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def prompts(workflow):
    return [step.settings["prompt"] for step in workflow.steps.all()]


def test_renaming_an_input_rewrites_its_references_in_all_steps(save, workflow, product, step_of):
    step_of(workflow, prompt=r"Show {{ product }} and {{product}}, not \{{product}}")
    step_of(workflow, prompt="Nothing here but {{products}}")
    step_of(workflow, prompt="Again {{product}}")
    response = save(product, name="item")
    assert prompts(workflow) == [
        r"Show {{item}} and {{item}}, not \{{product}}",
        "Nothing here but {{products}}",
        "Again {{item}}",
    ]
    assert said(response) == ["Renamed product to item, and with it 3 references in 2 steps."]


def test_an_open_tab_of_a_rewritten_step_meets_the_conflict(save, change, image_step, product):
    image_step.settings["prompt"] = "Show {{product}}"
    image_step.save()
    save(product, name="item")
    response = change(image_step, prompt="Show {{product}} on a table", version="1")
    assert response.status_code == 409
    image_step.refresh_from_db()
    assert image_step.settings["prompt"] == "Show {{item}}"


def test_an_unused_input_is_renamed_and_no_step_is_touched(save, image_step, product):
    response = save(product, name="item")
    image_step.refresh_from_db()
    assert image_step.version == 1
    assert said(response) == ["Renamed product to item. No step uses it yet."]


def test_nothing_is_rewritten_when_the_new_name_is_refused(save, workflow, product, step_of):
    step_of(workflow, prompt="Show {{product}}")
    assert save(product, name="Item").status_code == 422
    assert prompts(workflow) == ["Show {{product}}"]


def test_undo_renames_back_by_the_same_road(save, page, workflow, product, step_of):
    step_of(workflow, prompt="Show {{product}}")
    page.get(address(product))
    shown = page.get(save(product, name="item")["Location"]).text
    assert address(product, "undo-rename", "product", "item") in shown
    response = page.post(address(product, "undo-rename", "product", "item"))
    assert "Renamed item to product, and with it 1 reference in 1 step." in said(response)
    assert prompts(workflow) == ["Show {{product}}"]
    assert workflow.inputs.get().name == "product"


def test_undo_leaves_references_alone_that_were_broken_before_the_rename(
    save, undo, workflow, product, step_of
):
    before = ["{{item}} {{ product }} {{item}} {{product}}", "Only {{item}}"]
    for prompt in before:
        step_of(workflow, prompt=prompt)
    response = undo(save(product, name="item"))
    assert "Renamed item to product, and with it 2 references in 1 step." in said(response)
    assert prompts(workflow) == ["{{item}} {{product}} {{item}} {{product}}", "Only {{item}}"]


def test_undo_leaves_alone_however_many_were_broken(save, undo, workflow, product, step_of):
    step_of(workflow, prompt="{{item}} " * 300 + "{{product}}")
    before = prompts(workflow)
    undo(save(product, name="item"))
    assert prompts(workflow) == before


def test_undo_renames_all_references_of_a_step_that_was_edited_meanwhile_and_says_so(
    save, undo, workflow, product, step_of
):
    edited = step_of(workflow, prompt="{{item}} and {{product}}", name="Poster")
    step_of(workflow, prompt="{{item}}, {{product}}", name="Hero")
    emptied = step_of(workflow, prompt="Only {{item}}", name="Banner")
    renamed = save(product, name="item")
    for step, prompt in ((edited, "New: {{item}}, {{item}} and {{item}}"), (emptied, "Nothing")):
        step.refresh_from_db()
        settings = step.settings | {"prompt": prompt}
        step.save_edit(step.version, name=step.name, settings=settings, failure_policy="terminate")
    response = undo(renamed)
    assert prompts(workflow) == [
        "New: {{product}}, {{product}} and {{product}}",
        "{{item}}, {{product}}",
        "Nothing",
    ]
    assert said(response) == [
        "Renamed item to product, and with it 4 references in 2 steps. Edited since the rename:"
        " “Poster” (step_1). There, references that said item before it say product now, too."
        " Check them."
    ]


@pytest.mark.parametrize("taken_by", ["another", "itself"])
def test_undo_is_refused_when_the_names_have_changed_meanwhile(
    taken_by, save, page, workflow, product, step_of
):
    step_of(workflow, prompt="Show {{product}}")
    save(product, name="item")
    if taken_by == "another":
        workflow.inputs.create(workspace=workflow.workspace, label="New", name="product")
        sentence = "Not undone. Another input is called product. Choose another name."
    else:
        product.refresh_from_db()
        save(product, name="thing")
        sentence = "Not undone: the input is called thing by now."
    before = prompts(workflow)
    response = page.post(address(product, "undo-rename", "product", "item"))
    assert sentence in said(response)
    assert prompts(workflow) == before


def test_the_question_before_a_deletion_lists_what_would_break(page, workflow, product, step_of):
    step_of(workflow, prompt="{{product}} {{product}} {{ product }}", name="Hero")
    step_of(workflow, prompt="Nothing")
    shown = page.get(f"/w/acme-shop/workflows/{workflow.pk}/inputs").text
    assert "This would break 3 references in 1 step:" in shown
    assert "• Hero (step_1): {{product}} ×2, {{ product }}" in shown


def test_undo_of_a_deletion_brings_everything_back(page, workflow, product):
    workflow.inputs.create(workspace=workflow.workspace, label="B", name="b", position=5)
    before = list(workflow.inputs.values())
    response = page.post(address(product, "delete"))
    assert [input.name for input in workflow.inputs.all()] == ["b"]
    assert address(product, "restore") in page.get(response["Location"]).text
    page.post(address(product, "restore"))
    ignored = {"version", "deleted_at"}
    for old, new in zip(before, workflow.inputs.values(), strict=True):
        assert {k: v for k, v in old.items() if k not in ignored} == {
            k: v for k, v in new.items() if k not in ignored
        }


def test_the_name_of_a_deleted_input_is_free_and_then_it_stays_deleted(page, workflow, product):
    page.post(address(product, "delete"))
    workflow.inputs.create(workspace=workflow.workspace, label="New", name="product")
    response = page.post(address(product, "restore"))
    assert "Another input is called product by now" in said(response)[-1]
    assert Input.everything.get(pk=product.pk).deleted_at


def test_a_deleted_input_is_a_broken_reference(page, workflow, product, step_of, press_run):
    step = step_of(workflow, prompt="Show {{product}}")
    page.post(address(product, "delete"))
    assert "There is no input “product”" in press_run(step).text


def test_a_second_tab_is_refused_and_keeps_what_was_typed(save, product):
    save(product, test_value="from the first")
    response = save(product, test_value="from the second", version=1)
    assert response.status_code == 409
    assert "changed in another tab" in response.text
    assert "from the second" in response.text
    product.refresh_from_db()
    assert product.test_value == "from the first"
    assert save(product, test_value="from the second").status_code == 302


def test_the_same_save_twice_is_one_save(save, product):
    assert save(product, test_value="new").status_code == 302
    assert save(product, test_value="new", version=1).status_code == 302


def test_inputs_move_up_and_down_and_stop_at_the_ends(page, workflow):
    for position, name in enumerate("abc", 3):
        workflow.inputs.create(
            workspace=workflow.workspace, label=name, name=name, position=position
        )
    moves = [("a", "up", "abc"), ("a", "down", "bac"), ("c", "up", "bca"), ("a", "down", "bca")]
    for name, way, order in moves:
        page.post(address(workflow.inputs.get(name=name), way))
        assert "".join(input.name for input in workflow.inputs.all()) == order
    assert [input.position for input in workflow.inputs.all()] == [1, 2, 3]


def test_a_move_is_said(page, workflow, product):
    response = page.post(address(product, "up"), follow=True)
    assert "Product is now 1 of 1." in response.text


@pytest.mark.parametrize(
    ("type", "drawn"),
    [
        ("text", "<textarea"),
        ("number", 'inputmode="decimal"'),
        ("select", '<option value="red">'),
        ("json_list", "[&quot;red&quot;, &quot;blue&quot;]"),
    ],
)
def test_a_value_is_typed_with_the_control_of_its_type(type, drawn, page, workflow, product):
    fields = {"label": "As typed", "type": type, "options": "red\nblue", "test_value": "green"}
    posted = {f"{product.pk}-{name}": value for name, value in fields.items()}
    response = page.post(address(product, "draw"), posted)
    assert drawn in response.text
    assert "As typed" in response.text
    assert "green" in response.text
    assert "field-error" not in response.text
    product.refresh_from_db()
    assert product.label == "Product"


def test_the_options_of_a_former_select_are_kept(save, product):
    save(product, type="select", options="red\nblue", test_value="red")
    product.refresh_from_db()
    save(product, type="text", options="red\nblue", test_value="red")
    product.refresh_from_db()
    assert product.options == ["red", "blue"]


def test_without_inputs_the_page_offers_an_example(page, workflow):
    assert "Add “product”" in page.get(f"/w/acme-shop/workflows/{workflow.pk}/inputs").text
