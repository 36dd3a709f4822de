"""What the lightbox says beside an image: of the request that brought it, and of no other."""

import re

import pytest

from imagegen.assets.trash import delete
from imagegen.journal import Journal
from imagegen.lightbox import panels_of
from imagegen.models import Charge, Part
from imagegen.provider_keys.store import store


@pytest.fixture
def panels(page, address_of):
    """As they stand in the page, by the id that the image names."""

    def drawn(step_run):
        html = page.get(address_of(step_run.step, "step-output")).text
        found = dict(re.findall(r'<template id="(request-\d+)">(.*?)</template>', html, re.S))
        assert set(re.findall(r'data-request="([^"]*)"', html)) == set(found)
        return found

    return drawn


def test_images_of_one_request_share_a_panel_that_is_drawn_once(run_of, panels):
    step_run = run_of("gpt-image-2", image_count=10)
    (panel,) = panels(step_run).values()
    assert "One request brought 10 images." in panel
    assert f'data-copy="{step_run.parts.get().attempts.get().request_id}"' in panel
    assert "image out tokens × $30/1M" in panel
    assert Charge.objects.get().amount_micro > 0
    assert 'data-head="In the files">10</td>' in panel


def test_each_image_of_gemini_has_a_panel_and_one_that_did_not_come_has_none(run_of, panels):
    step_run = run_of(
        "gemini-2.5-flash-image", "A jar [[sandbox:no_image times=1 id=panel]]", image_count=3
    )
    drawn = panels(step_run)
    came = {part.number: part for part in step_run.parts.filter(state=Part.State.SETTLED)}
    assert set(drawn) == {f"request-{number}" for number in came}
    for number, part in came.items():
        panel = drawn[f"request-{number}"]
        asked = set(re.findall(r'aria-label="Copy the request id ([^"]+)"', panel))
        assert asked == {attempt.request_id for attempt in part.attempts.all()}
        assert "This image has a request of its own." in panel
        assert '<dd class="sum">$0.0387</dd>' in panel


def test_a_request_is_compared_with_what_it_was_asked_for_itself(run_of):
    journal = Journal.of(run_of("gemini-2.5-flash-image", image_size="16:9", image_count=2))
    for panel in panels_of(journal):
        rows = {row.label: row for row in panel.compared}
        count = rows["Image Count"]
        assert (count.asked, count.sent, count.found, count.mark) == ("1", "1", "1", "")
        assert (rows["Aspect Ratio"].asked, rows["Aspect Ratio"].mark) == ("16:9", "")
        assert panel.cost["charged"] == panel.cost["estimated"] == "$0.0387"


def test_what_came_otherwise_and_a_prompt_that_was_revised_stand_in_it(run_of, panels):
    (panel,) = panels(run_of("gpt-image-2", "A jar [[sandbox:wrong_format]]")).values()
    assert panel.count("differs</span>") == 1
    assert "revised it" not in panel
    (panel,) = panels(run_of("gpt-image-2", "A jar [[sandbox:revised_prompt]]")).values()
    assert "rewritten by the provider" in panel


def test_a_run_that_failed_has_nothing_to_look_at(run_of, panels, page, address_of):
    step_run = run_of("gpt-image-2", "A jar [[sandbox:no_images]]")
    assert panels(step_run) == {}
    assert "data-lightbox" not in page.get(address_of(step_run.step, "step-output")).text


def test_with_a_personal_key_the_list_price_is_told_and_nothing_is_charged(
    vendors, workspace, author, run_of, panels
):
    store(workspace, "openai", "sk-personal-0123456789", author)
    (panel,) = panels(run_of("gpt-image-2", charge_type="personal")).values()
    assert '<dd class="sum">$0.0000</dd>' in panel
    assert "Personal · billed by your OpenAI account, list price $0.0" in panel


def test_an_image_in_the_trash_takes_its_panel_along(run_of, panels):
    step_run = run_of("gemini-2.5-flash-image", image_count=2)
    delete(step_run.workspace_id, [step_run.assets.get(slot=0).pk])
    assert set(panels(step_run)) == {"request-2"}


@pytest.mark.cooked_books
def test_until_all_images_of_a_request_are_stored_nothing_is_said_of_what_came(run_of, panels):
    step_run = run_of("gpt-image-2", image_count=2)
    step_run.parts.update(state=Part.State.RECEIVED, finished_at=None)
    (panel,) = panels(step_run).values()
    assert "follow when all images of the request are stored" in panel
    assert "Charged" not in panel
