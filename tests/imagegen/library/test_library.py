import importlib
import re

import pytest
from django.apps import apps
from django.urls import reverse

from benchmarks.filling import fill
from imagegen.billing.corrections import correct_to
from imagegen.library.listing import IMAGES_PER_PAGE
from imagegen.models import Asset, Charge, Part, Storage


@pytest.fixture
def library(page, workspace):
    """The page of the library, asked for something."""

    def ask(client=page, **asked):
        return client.get(reverse("imagegen:library", args=[workspace.slug]), asked)

    return ask


def shown(response):
    return re.findall(r'name="asset" value="([^"]+)"', response.text)


def ids(assets):
    return [str(asset.pk) for asset in assets]


@pytest.fixture
def made(run_of):
    """By word in the prompt."""

    def make(prompt, model="gpt-image-2", **choices):
        return run_of(model, prompt, **choices).assets.get()

    return make


@pytest.mark.cooked_books
def test_the_newest_comes_first_and_the_largest_when_asked_for(library, made):
    first, second, third = (made(f"Bottle {number}") for number in range(3))
    Asset.objects.filter(pk=second.pk).update(file_size=10**9)
    assert shown(library()) == ids([third, second, first])
    assert shown(library(sort="size"))[0] == str(second.pk)
    assert shown(library(sort="nonsense")) == ids([third, second, first])


@pytest.mark.parametrize(
    ("search", "finds"),
    [
        ("BLÜTE", ["flower"]),
        ("blüte vase", ["flower"]),
        ("blüte lamp", []),
        ("100%", ["percent"]),
        ("%", ["percent"]),
        ("_", []),
        ("\\", ["percent"]),
        ("hero-image-r2", ["percent"]),
        ("Product HERO images", ["flower", "percent", "grok"]),
        ("grok-imagine", ["grok"]),
        ("a\0b", []),
        ("<b>", []),
    ],
)
def test_words_are_found_in_name_prompt_workflow_and_model(library, made, search, finds):
    made_by_name = {
        "flower": made("Eine Blüte in der Vase"),
        "percent": made("A jar, 100% full \\ clean"),
        "grok": made("A lamp", model="grok-imagine-image"),
    }
    assert set(shown(library(q=search))) == {str(made_by_name[name].pk) for name in finds}


def test_what_was_searched_for_is_escaped_where_it_is_said_again(library, made):
    made("A jar")
    said = library(q="<script>alert(1)</script>").text
    assert "&lt;script&gt;alert(1)" in said
    assert "<script>alert" not in said


def test_one_model_at_a_time(library, made):
    made("A jar")
    grok = made("A lamp", model="grok-imagine-image")
    assert shown(library(model="grok-imagine-image")) == [str(grok.pk)]
    assert len(shown(library(model="a model of nobody"))) == 2


@pytest.mark.parametrize("sort", ["", "size"])
def test_pages_follow_each_other_and_lead_back_without_gap_or_repetition(
    library, workspace, author, sort
):
    fill(workspace, author, steps=1, runs=30, images=[4])
    for number, asset in enumerate(Asset.objects.order_by("token")):
        Asset.objects.filter(pk=asset.pk).update(file_size=1000 + number // 7)
    order = ("-file_size", "-pk") if sort else ("-pk",)
    everything = ids(Asset.objects.order_by(*order))
    response, seen, pages = library(sort=sort), [], []
    while True:
        seen += shown(response)
        pages.append(shown(response))
        older = response.context["page"].older
        if not older:
            break
        response = library(sort=sort, before=older)
    assert seen == everything
    assert [len(each) for each in pages] == [IMAGES_PER_PAGE, IMAGES_PER_PAGE, 24]
    for page in reversed(pages[:-1]):
        response = library(sort=sort, after=response.context["page"].newer)
        assert shown(response) == page
    assert response.context["page"].newer is None


@pytest.mark.parametrize("before", ["nonsense", "018f0000-0000-7000-8000-000000000000"])
def test_a_page_that_begins_nowhere_is_the_first(library, made, before):
    asset = made("A jar")
    assert shown(library(before=before)) == [str(asset.pk)]


def test_a_card_says_what_it_is_and_what_it_cost(library, finished_run):
    text = library().text
    asset = finished_run.assets.get()
    assert asset.file_name in text
    assert "1024×1024" in text
    assert "simulated" in text
    assert re.search(r"<span>\$0\.\d{4}</span>", text)
    assert "A blue insulated water bottle" in text


def test_what_was_given_back_is_off_the_cost_of_a_card(library, finished_run, author):
    correct_to(Charge.objects.get(), 1_000, key="c:1", reason="half was blank", by=author)
    assert "<span>$0.0010</span>" in library().text


def test_the_meter_says_what_is_used_reserved_and_left(library, workspace):
    Storage.objects.update(limit=5_000_000_000, used=3_000_000, reserved=2_000_000)
    text = library().text
    assert "<b>3 MB</b> used" in text
    assert "<b>2 MB</b> reserved" in text
    assert "<b>5 GB</b> left" in text


def test_a_plan_that_was_lowered_below_what_is_used_is_said(library, workspace):
    Storage.objects.update(limit=1_000_000, used=3_500_000)
    assert "over the limit by 2.5 MB" in library().text


def test_a_viewer_may_look_and_download_and_is_offered_nothing_else(
    library, finished_run, viewer, browser_of, workspace
):
    asset = finished_run.assets.get()
    client = browser_of(viewer)
    assert "delete-assets" not in library(client).text
    address = reverse("imagegen:library-asset", args=[workspace.slug, asset.pk])
    html = client.get(address).text
    assert ">Delete<" not in html
    refused = client.post(
        reverse("imagegen:delete-assets", args=[workspace.slug]), {"asset": asset.pk}
    )
    assert refused.status_code == 403
    assert "Your role in Acme Shop is Viewer" in refused.text
    zipped = client.post(
        reverse("imagegen:download-assets", args=[workspace.slug]), {"asset": asset.pk}
    )
    assert zipped["Content-Type"] == "application/zip"
    assert b"".join(zipped.streaming_content).startswith(b"PK")


def test_an_empty_library_says_what_will_be_there(library, workspace):
    assert "No image yet" in library().text


def test_what_is_searched_is_filled_for_the_images_of_before(run_of):
    """The data migration writes what storing writes."""
    before = run_of("gpt-image-2", "Eine BLÜTE").assets.get()
    Asset.objects.update(search_text="")
    fill = importlib.import_module("imagegen.migrations.0010_fill_asset_search_text").fill
    fill(apps, None)
    assert Asset.objects.get().search_text == before.search_text
    assert Part.objects.get().request["prompt"] == "Eine BLÜTE"
