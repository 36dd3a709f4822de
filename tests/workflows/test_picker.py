"""Insert Variable: its rows come when it is opened, and are no more than one can read."""

import pytest

from workflows.picker import MOST_FOUND, MOST_OPENED, found, opened, under
from workflows.variables import Scope, Source

ASSET = {"id": "0193", "file_url": "http://hive/files/a", "file_name": "Hero.png", "width": 1024}
OUTPUT = {"settings": {"model": "gpt-image-2"}, "assets": [ASSET] * 10}


@pytest.fixture
def scope_of_steps(workflow, step_of):
    """What a step after so many others can use, each of which has made ten images."""
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value="a blue bottle"
    )

    def scope(steps):
        earlier = [step_of(workflow) for _ in range(steps)]
        sources = [Source(step, OUTPUT, has_run=True) for step in earlier]
        return Scope(list(workflow.inputs.all()), sources, later=[], own=f"step_{steps + 1}")

    return scope


def rows_of(listing):
    return [row for group in listing.groups for row in group.rows]


def paths_of(listing):
    return [row.variable.path for row in rows_of(listing)]


def test_a_few_steps_are_listed_with_all_they_have(scope_of_steps):
    paths = paths_of(opened(scope_of_steps(1)))
    assert paths[:3] == ["product", "step_1.output", "step_1.output.settings"]
    assert paths[-1] == "step_1.output.assets.9.width"


def test_of_many_steps_the_nearest_is_unfolded_and_the_others_wait(scope_of_steps):
    listing = opened(scope_of_steps(12))
    assert len(rows_of(listing)) <= MOST_OPENED + 12
    folded = [row.variable.path for row in rows_of(listing) if not row.is_unfolded]
    assert [f"step_{number}.output" for number in range(1, 11)] == folded[1:11]
    assert paths_of(listing)[-1] == "step_12.output.assets.9.width"


def test_what_is_under_a_row_is_listed_when_it_is_unfolded(scope_of_steps):
    scope = scope_of_steps(12)
    paths = [row.variable.path for row in under(scope, "step_1.output")]
    assert paths[0] == "step_1.output.settings"
    assert all(path.startswith("step_1.output.") for path in paths)
    assert under(scope, "step_99.output") == []


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("PROD", "product"),
        ("file_u", "step_1.output.assets.0.file_url"),
        ("assets.3.id", "step_1.output.assets.3.id"),
        ("hero.PNG", "step_1.output.assets.0.file_name"),
        ("blue bottle", "product"),
    ],
)
def test_a_search_looks_at_names_paths_and_values(words, best, scope_of_steps):
    listing = found(scope_of_steps(1), words)
    assert [row.variable.path for row in rows_of(listing) if row.is_best] == [best]


def test_an_input_that_is_a_list_is_found_by_its_value_and_does_not_unfold(
    workflow, step_of, page, address_of
):
    workflow.inputs.create(
        workspace=workflow.workspace,
        label="Colours",
        name="colours",
        type="json_list",
        test_value='["crimson", "blue"]',
    )
    step = step_of(workflow)
    for words in ("", "Crimson", '["crimson","bl'):
        html = page.get(address_of(step, "step-variables"), {"q": words}).text
        assert 'data-insert-text="{{colours}}"' in html
        assert "<span>[&quot;crimson&quot;, &quot;blue&quot;]</span>" in html
        assert "aria-expanded" not in html
        assert "data-fold" not in html


def test_what_is_found_stands_below_what_it_is_in(scope_of_steps):
    listing = found(scope_of_steps(1), "assets.3.width")
    assert paths_of(listing) == [
        "step_1.output",
        "step_1.output.assets",
        "step_1.output.assets.3",
        "step_1.output.assets.3.width",
    ]


def test_of_much_that_is_found_the_nearest_is_listed_and_the_rest_counted(scope_of_steps):
    listing = found(scope_of_steps(12), "width")
    leaves = [path for path in paths_of(listing) if path.endswith("width")]
    assert len(leaves) == MOST_FOUND
    assert leaves[-1].startswith("step_12.")
    assert listing.more == 120 - MOST_FOUND


def test_what_is_found_in_the_step_just_before_is_chosen_first(scope_of_steps):
    listing = found(scope_of_steps(3), "file_u")
    (best,) = [row.variable.path for row in rows_of(listing) if row.is_best]
    assert best == "step_3.output.assets.0.file_url"


def test_a_search_for_nothing_that_is_there_says_so(page, step_of, workflow, address_of):
    address = address_of(step_of(workflow), "step-variables")
    assert "Add an input" in page.get(address).text
    assert "Nothing matches" in page.get(address, {"q": "x"}).text


def test_the_rows_are_those_of_now_and_values_are_shown_as_text(
    page, finished_run, step_of, workflow, address_of
):
    hostile = '"><img src=x onerror=alert(1)>'
    workflow.inputs.create(
        workspace=workflow.workspace, label="Product", name="product", test_value=hostile
    )
    step = step_of(workflow)
    assert "data-insert-text" not in page.get(address_of(step, "step-settings")).text
    html = page.get(address_of(step, "step-variables")).text
    assert "<img src=x" not in html
    asset = finished_run.assets.get()
    assert f'<img src="{asset.thumbnail_path}"' in html
    searched = page.get(address_of(step, "step-variables"), {"q": asset.file_name.upper()})
    assert asset.file_name in searched.text


def test_what_the_browser_is_told_of_a_list_does_not_grow_with_it(scope_of_steps):
    scope = scope_of_steps(1)
    assert '"assets":[10,{"id":0,"file_url":0,"file_name":0,"width":0}]' in scope.known
