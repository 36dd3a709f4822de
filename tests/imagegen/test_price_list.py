"""Models and prices, to read."""

import re
from datetime import date

import pytest
from django.urls import reverse

from imagegen import catalogue
from imagegen.billing.prices import rate_of
from imagegen.models import Charge
from imagegen.price_list.entries import Entry, entries
from workflows.models import User

MODELS = reverse("imagegen:models")
TODAY = date(2026, 11, 23)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def card(html, model):
    return html[html.index(f'id="{model}"') :].partition("</section>")[0]


def test_everybody_who_is_signed_in_reads_all_models(browser_of, viewer):
    for reader in (viewer, User.objects.create_user("nora@example.org")):
        shown = browser_of(reader).get(MODELS).text
        for model in catalogue.models():
            section = words(card(shown, model.id))
            for text in (model.wire_id, model.route.base_url, model.prices[-1].source):
                assert text in section
            for setting in model.settings.values():
                assert setting.label in section
            if model.note:
                assert model.note in section


def test_who_is_signed_out_signs_in_first(client):
    assert client.get(MODELS)["Location"] == f"{reverse('workflows:sign-in')}?next={MODELS}"


def test_the_price_of_today_is_marked_among_those_of_the_past(
    page, time_machine, browser_of, author
):
    time_machine.move_to("2026-11-23")
    shown = browser_of(author).get(MODELS).text
    quality = words(card(shown, "grok-imagine-image-quality"))
    assert "2 Nov 2026 now no end known Images $0.04 each" in quality
    assert "3 Apr 2026 past 1 Nov 2026 Images $0.05 each" in quality
    assert "xAI price tables of the time, $0.05 at 1k 6 Sep 2026" in quality
    assert "Answered by grok-imagine-image-2.0" in quality
    assert "Retired on 2 November 2026: grok-imagine-image-2.0 answers in its place." in quality
    gemini = words(card(shown, "gemini-2.5-flash-image"))
    assert "Image out tokens $30 per 1M" in gemini
    assert "Text out tokens, billed to us and not charged $2.50 per 1M" in gemini
    assert "1 to 10, a request each, 4 at once" in gemini


def test_a_price_to_come_is_shown_and_not_taken_for_that_of_today():
    model = catalogue.get("gpt-image-2")
    dearer = model.prices[0].model_copy(update={"valid_from": date(2027, 1, 1)})
    changing = model.model_copy(update={"prices": (*model.prices, dearer)})
    to_come, now = Entry(changing, TODAY).prices
    assert (to_come.is_to_come, to_come.is_current) == (True, False)
    assert (now.is_to_come, now.is_current) == (False, True)
    assert now.period.last == date(2026, 12, 31)


def test_custom_sizes_and_ranges_are_spelled_out():
    entry = next(each for each in entries(TODAY) if each.model.id == "gpt-image-2")
    allowed = {setting.label: text for setting, text in entry.settings}
    assert allowed["Output Compression"] == "0 to 100"
    assert "3840x2160" in allowed["Image Size"]
    assert "both sides must be multiples of 16" in allowed["Image Size"]
    assert entry.is_default


@pytest.mark.parametrize(
    ("kind", "micro", "text"),
    [
        ("text_in", 5_000_000, "$5 per 1M"),
        ("image", 38_700, "$0.0387 each"),
        ("image", 0, "$0 each"),
    ],
)
def test_a_rate_is_written_in_dollars(kind, micro, text):
    assert rate_of(kind, micro) == text


def test_the_arithmetic_of_a_charge_leads_to_its_prices(page, finished_run, address_of, browser_of):
    link = f'href="{MODELS}#gpt-image-2"'
    assert link in page.get(address_of(finished_run.step, "step-output")).text
    part = Charge.objects.get().part_id
    assert link in page.get(reverse("imagegen:billing-part", args=[part])).text
    assert f'href="{MODELS}"' in page.get("/w/acme-shop/billing").text
