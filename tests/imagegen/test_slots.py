"""The places of the images: what came, what it cost, and why nothing did."""

import pytest
from django.utils.timezone import now

from imagegen.assets.trash import delete
from imagegen.billing.corrections import correct_to
from imagegen.billing.models import Charge
from imagegen.billing.shares import costs_per_image
from imagegen.journal import Journal
from imagegen.slots import slots_of


def slots(step_run):
    return slots_of(Journal.of(step_run))


def test_one_charge_is_shared_out_and_the_last_image_bears_the_rest(run_of):
    step_run = run_of("gpt-image-2", image_count=3)
    charge = Charge.objects.get()
    charge.amount_micro = 3 * 333_349 + 1  # the rest is what is rounded up
    costs = costs_per_image(Journal.of(step_run).assets, [charge], {})
    assert list(costs.values()) == ["$0.3333", "$0.3333", "$0.3334"]


def test_what_was_given_back_is_off_the_cost_of_each_image(run_of, author):
    step_run = run_of("gpt-image-2", image_count=2)
    correct_to(Charge.objects.get(), 4_000, key="c:1", reason="half was blank", by=author)
    assert [slot.cost for slot in slots(step_run)] == ["$0.0020", "$0.0020"]


def test_requests_of_their_own_have_costs_of_their_own(run_of, page, address_of):
    step_run = run_of("gemini-2.5-flash-image", image_count=2)
    assert [slot.cost for slot in slots(step_run)] == ["$0.0387", "$0.0387"]
    html = page.get(address_of(step_run.step, "step-output")).text
    assert html.count("· $0.0387</small>") == 2


def test_a_slot_whose_request_failed_says_why_and_what_it_cost(run_of):
    prompt = "A jar [[sandbox:no_image times=1 id=slots]]"
    step_run = run_of("gemini-2.5-flash-image", prompt, image_count=3)
    [missing] = [slot.missing for slot in slots(step_run) if slot.missing]
    assert missing.what == "did not come"
    assert "answered without an image" in missing.sentence
    assert "You were not charged for it" in missing.sentence


def test_fewer_images_without_a_word_are_explained(run_of):
    step_run = run_of("gpt-image-2", "A jar [[sandbox:fewer_images]]", image_count=2)
    first, second = slots(step_run)
    assert (first.missing, first.asset.slot) == (None, 0)
    assert second.missing.sentence.startswith("OpenAI sent fewer than were asked for.")


def test_an_image_in_the_trash_is_not_shown_and_moves_no_other(run_of):
    step_run = run_of("gpt-image-2", image_count=2)
    delete(step_run.workspace_id, [step_run.assets.get(slot=0).pk])
    first, second = slots(step_run)
    assert (first.missing.what, first.trashed.slot) == ("was deleted", 0)
    assert (second.number, second.index) == (2, 1)


def test_where_all_images_are_in_the_trash_their_places_say_so(run_of, page, address_of):
    step_run = run_of("gpt-image-2", "A jar [[sandbox:fewer_images]]", image_count=3)
    delete(step_run.workspace_id, [asset.pk for asset in step_run.assets.all()])
    html = page.get(address_of(step_run.step, "step-output")).text
    assert html.count("was deleted</b>") == 2
    assert html.count("Restore it from the trash</a>") == 2
    step_run.assets.update(purged_at=now())
    assert "Restore it" not in page.get(address_of(step_run.step, "step-output")).text
    assert "Generate missing (1)" in html


def test_while_nothing_has_come_every_place_is_there(image_step, press_run, page, address_of):
    press_run(image_step, image_count="3", image_size="1536x1024")
    html = page.get(address_of(image_step, "step-output")).text
    assert html.count('class="slot due"') == 3
    assert html.count('viewBox="0 0 1536 1024"') == 3
    assert "Queued" in html


def test_only_the_first_images_are_loaded_at_once(run_of, page, address_of):
    step_run = run_of("gpt-image-2", image_count=6)
    html = page.get(address_of(step_run.step, "step-output")).text
    gallery = html.split('id="gallery"')[1].split('class="two"')[0]
    assert gallery.count("<img") == 6
    assert gallery.count('loading="lazy"') == 2
    assert gallery.count('width="1024" height="1024"') == 6


@pytest.mark.parametrize(("image_count", "shown"), [(None, 1), ("many", 1), (-3, 1), (99, 10)])
def test_a_count_that_makes_no_sense_breaks_no_page(
    image_count, shown, image_step, page, address_of
):
    image_step.settings["image_count"] = image_count
    image_step.save()
    html = page.get(address_of(image_step, "step-output")).text
    assert html.count('class="slot-shape"') == shown
