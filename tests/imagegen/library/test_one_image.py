"""The page of an image, and what refers to it."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from imagegen.assets.trash import delete
from imagegen.library.references import referrers
from imagegen.models import Asset, Charge
from imagegen.provider_keys.store import store
from workflows.money import dollars


@pytest.fixture
def detail(page, workspace):
    def ask(asset):
        return page.get(reverse("imagegen:library-asset", args=[workspace.slug, asset.pk])).text

    return ask


@pytest.fixture
def asset(finished_run):
    return finished_run.assets.get()


def told(asset):
    found = referrers(asset.workspace, [Asset.objects.get(pk=asset.pk)])
    return [(each.what, *each.written) for each in found.get(asset.pk, [])]


def test_it_has_run_prompt_settings_address_digest_and_cost(asset, detail):
    html = detail(asset)
    for words in (
        asset.file_name,
        "Run 1",
        "Product hero images",
        "A blue insulated water bottle",
        asset.sha256,
        f'data-copy="{asset.file_url}"',
        'data-copy="{{step_1.output.assets.0.file_url}}"',
        "Hosted",
        "Asked, sent, returned",
        "No step and no input uses it.",
    ):
        assert words in html


def test_where_one_request_made_several_the_share_and_the_whole_are_said(run_of, detail):
    asset = run_of("gpt-image-2", image_count=3).assets.first()
    whole = Charge.objects.get().amount_micro
    html = detail(asset)
    assert f"<dd>{dollars(whole // 3)}</dd>" in html
    assert f"3 images of one request cost {dollars(whole)}." in html


def test_with_a_personal_key_it_is_said_who_pays(vendors, workspace, author, run_of, detail):
    store(workspace, "openai", "sk-personal-0123456789", author)
    html = detail(run_of("gpt-image-2", charge_type="personal").assets.get())
    assert "Personal" in html
    assert f"list {dollars(Charge.objects.get().list_micro)}" in html
    assert "Billed by your own account" in html


def test_a_deleted_image_can_be_restored_from_its_page(asset, detail, page, workspace):
    delete(asset.workspace_id, [asset.pk])
    html = detail(asset)
    assert "is in the trash: 29 days left" in html
    assert asset.file_url not in html
    answer = page.post(
        reverse("imagegen:restore-assets", args=[workspace.slug]), {"asset": asset.pk, "one": "yes"}
    )
    assert answer["Location"].endswith(f"/library/{asset.pk}")


def test_after_its_file_has_gone_the_page_stays_because_of_its_cost(asset, detail):
    delete(asset.workspace_id, [asset.pk])
    Asset.objects.update(purged_at=now())
    html = detail(asset)
    assert "its file is gone" in html
    assert "Restore" not in html
    assert "This image" in html


@pytest.mark.parametrize(
    "written",
    [
        "{{step_1.output.assets.0.file_url}}",
        "{{ step_1.output.assets.0 }}",
        "{{step_1.output.assets}}",
        "{{step_1.output}}",
    ],
)
def test_steps_that_use_it_are_named(asset, workflow, step_of, written):
    step_of(workflow, f"In the colours of {written}", name="Banner")
    assert told(asset) == [("Banner (step_2)", written)]


@pytest.mark.parametrize(
    "written",
    [
        "{{step_1.output.assets.1.file_url}}",
        "{{step_1.output.settings.model}}",
        "\\{{step_1.output}}",
    ],
)
def test_steps_that_use_something_else_are_not(asset, workflow, step_of, written):
    step_of(workflow, f"In the colours of {written}", name="Banner")
    assert told(asset) == []


def test_only_the_run_counts_that_later_steps_are_tested_with(
    finished_run, workflow, step_of, press_run, let_the_hive_work
):
    step = finished_run.step
    step_of(workflow, "Like {{step_1.output.assets.0.file_url}}", name="Banner")
    press_run(step)
    let_the_hive_work()
    newest = step.runs.latest("run_number").assets.get()
    old = finished_run.assets.get()
    assert (told(old), len(told(newest))) == ([], 1)
    step.used_run = finished_run
    step.save()
    assert (len(told(old)), told(newest)) == (1, [])


def test_an_address_that_somebody_has_pasted_is_found_everywhere_in_the_workspace(
    asset, workspace, step_of
):
    other = workspace.workflows.create(name="Banners")
    step_of(other, f"Like {asset.file_url}", name="Banner")
    other.inputs.create(workspace=workspace, label="Logo", name="logo", test_value=asset.file_url)
    assert told(asset) == [
        ("Banner (step_1)", "its address"),
        ("the value of Logo", "its address"),
    ]


def test_before_what_is_in_use_is_deleted_it_is_asked_and_named(
    asset, workflow, step_of, page, workspace
):
    step_of(workflow, "Like {{step_1.output.assets.0.file_url}}", name="Banner")
    address = reverse("imagegen:delete-assets", args=[workspace.slug])
    question = page.post(address, {"asset": asset.pk}).text
    assert "Delete 1 image?" in question
    assert "Product hero images: Banner (step_2)" in question
    assert "{{step_1.output.assets.0.file_url}}" in question
    assert Asset.objects.live().exists()
    page.post(address, {"asset": asset.pk, "sure": "yes"})
    assert not Asset.objects.live().exists()
