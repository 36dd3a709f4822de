import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import references
from workflows.references import (
    MissingValue,
    Reference,
    fill,
    named_already,
    parse,
    problems,
    references_in,
    refers_to,
    renamed,
)

VALUES = {
    "product": "a blue bottle",
    "count": 3,
    "ratio": 1.5,
    "flag": True,
    "nothing": None,
    "colours": ["röt", "blue"],
    "step_2": {"output": {"settings": {"model": "gpt-image-2"}, "assets": [{"file_url": "u/1"}]}},
}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("for {{product}}.", "for a blue bottle."),
        ("{{ product }}", "a blue bottle"),
        ("{{count}} and {{ratio}} and {{flag}}", "3 and 1.5 and true"),
        ("[{{nothing}}]", "[]"),
        ("{{colours}}", '["röt","blue"]'),
        ("{{step_2.output.assets.0.file_url}}", "u/1"),
        ("{{ step_2.output.settings.model }}", "gpt-image-2"),
        (
            "{{step_2.output}}",
            '{"settings":{"model":"gpt-image-2"},"assets":[{"file_url":"u/1"}]}',
        ),
        (r"\{{product}}", "{{product}}"),
        (r"a \{{ b", "a {{ b"),
        ("no braces } at { all", "no braces } at { all"),
        ("", ""),
    ],
)
def test_references_are_replaced_by_their_values(text, filled):
    assert fill(text, VALUES) == (filled, [])


def test_a_value_that_contains_braces_is_inserted_as_it_stands():
    assert fill("{{product}}", {"product": "{{count}} \\{{x}}", "count": 1})[0] == (
        "{{count}} \\{{x}}"
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{{step_2.output.assets.1.file_url}}", "step_2.output.assets has 1 item, counted from 0"),
        ("{{step_2.output.settings.colour}}", "step_2.output.settings has no “colour”"),
        ("{{step_2.output.assets.-1}}", "has no “-1”"),
        ("{{step_2.output.settings.model.upper}}", "has no “upper”"),
        ("{{step_2.output.assets.0.file_url.0}}", "has no “0”"),
    ],
)
def test_a_path_that_is_missing_is_named(text, path):
    with pytest.raises(MissingValue) as missing:
        fill(text, VALUES)
    assert path in str(missing.value)


def test_a_step_that_failed_under_continue_renders_as_nothing_with_a_warning():
    values = {"step_1": {"output": {"assets": [], "error": {"message": "no"}}}}
    text, warnings = fill("[{{step_1.output.assets.0.file_url}}]", values, {"step_1"})
    assert text == "[]"
    assert len(warnings) == 1
    assert "step_1 failed" in warnings[0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{colour}}", "There is no input “colour”"),
        ("{{step_9.output}}", "There is no step “step_9”"),
        ("{{step_3.output}}", "does not come before this step"),
        ("{{step_1}}", "is not a reference"),
        ("{{step_1.settings}}", "is not a reference"),
        ("{{product.name}}", "is not a reference"),
        ("{{product|upper}}", "is not a reference"),
        ("{{ Product }}", "is not a reference"),
        ("{{}}", "is not a reference"),
        ("a {{product", "never closed"),
        ("{{step_1.output" + ".a" * 11 + "}}", "deeper than 10"),
    ],
)
def test_what_can_never_be_filled_is_said_while_typing(text, sentence):
    found = problems(text, {"product"}, earlier={"step_1"}, later={"step_2", "step_3"})
    assert len(found) == 1
    assert sentence in found[0]


def test_known_references_are_no_problem():
    text = r"{{product}} {{step_1.output.assets.0.id}} \{{free}}"
    assert problems(text, {"product"}, {"step_1"}, set()) == []


PAYLOADS = [
    "{{product.__class__}}",
    "{{ product.delete }}",
    "{{step_2.output.__class__.__mro__}}",
    "{% load x %}{{ product }}",
    "{{product|safe}}",
    "{0.__class__}",
    "{{''.__class__}}",
    "${product}",
    "{{constructor.constructor('return 1')()}}",
    "{{step_2.output['assets']}}",
    "{{step_2.output.assets.0_0}}",
    "{{step_2.output.assets.٠}}",
    "{{step_2.output.assets.9999999999999999999}}",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_is_ever_evaluated(payload):
    try:
        text, _ = fill(payload, VALUES)
    except MissingValue:
        return
    assert text == payload.replace("{{ product }}", "a blue bottle")


@given(st.text(alphabet="{}\\ab._0 \n", max_size=60))
def test_a_text_is_cut_into_pieces_and_never_lost(text):
    pieces = parse(text)
    kept = "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)
    assert kept == text.replace("\\{{", "{{") or "\\{{" in text


def test_a_long_run_of_braces_is_cut_in_one_pass():
    assert len(parse("{{" * 50_000)) == 1


def test_a_value_longer_than_64_kb_is_refused():
    with pytest.raises(MissingValue, match="longer than 64 KB"):
        fill("{{product}}", {"product": "x" * (references.MAX_VALUE + 1)})


def test_a_reference_knows_its_root_and_path():
    (reference,) = parse("{{ step_12.output.assets.0.file_url }}")
    assert isinstance(reference, Reference)
    assert (reference.root, reference.path) == ("step_12", ("output", "assets", "0", "file_url"))


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        ("for {{product}}.", "for {{item}}."),
        ("{{  product }} and {{product}}", "{{item}} and {{item}}"),
        (r"\{{product}}", r"\{{product}}"),
        ("{{products}} {{my_product}} {{ product", "{{products}} {{my_product}} {{ product"),
        ("{{product.name}} {{{product}}", "{{product.name}} {{{product}}"),
        ("{{step_1.output.product}}", "{{step_1.output.product}}"),
        ("product {product}", "product {product}"),
        ("{{product}}}}", "{{item}}}}"),
    ],
)
def test_a_renamed_input_is_written_anew_and_look_alikes_stay(text, anew):
    assert renamed(text, "product", "item") == anew


# Texts that are thick with braces, escapes and names.
WRITTEN = ("{{product}}", "{{ product }}", "{{item}}", "{{products}}", "{{step_1.output.product}}")
SHREDS = ("product", "{{", "}}", "{", "}", "\\", " ", "\n", "röt")
BRACED = st.lists(st.sampled_from(WRITTEN + SHREDS)).map("".join)


@given(BRACED)
def test_a_rename_changes_the_names_and_nothing_else(text):
    before, after = parse(text), parse(renamed(text, "product", "item"))
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        if isinstance(old, Reference) and refers_to(old, "product"):
            assert (new.text, new.root) == ("{{item}}", "item")
        elif isinstance(old, str):
            assert new == old
        else:
            assert new.text == old.text


@given(BRACED)
def test_a_rename_twice_is_a_rename_once(text):
    once = renamed(text, "product", "item")
    assert renamed(once, "product", "item") == once
    assert not [found for found in references_in(once) if found.root == "product"]


@given(BRACED)
def test_a_text_without_the_name_stays_to_the_letter(text):
    assert renamed(text, "colour", "item") == text


@given(BRACED)
def test_a_rename_back_is_the_text_in_the_plain_form(text):
    spared = named_already(text, "product", "item")
    there_and_back = renamed(renamed(text, "product", "item"), "item", "product", spared)
    assert there_and_back == renamed(text, "product", "product")
