"""From Run to images: states, money, storage, and what the sandbox's log says was sent."""

import hashlib
from dataclasses import replace

import pytest

from imagegen.models import Asset, Attempt, Charge, Part, StatementLine, Storage, Wallet
from imagegen.sandbox import damage, faults
from workflows.models import Run
from workflows.runs.cancel import cancel

GRANT = 25_000_000


def wallet():
    return Wallet.objects.get(simulated=True, workspace__slug="acme-shop")


def storage():
    return Storage.objects.get(workspace__slug="acme-shop")


def test_run_makes_images_that_are_stored_and_charged(finished_run, sandbox):
    assert finished_run.run.status == Run.Status.SUCCEEDED
    asset = finished_run.assets.get()
    assert (asset.width, asset.height, asset.file_type) == (1024, 1024, "image/jpeg")
    assert storage().used == asset.file_size
    assert storage().reserved == 0
    charge = Charge.objects.get()
    # 29 characters are 8 text tokens at $5/1M; low at 1024x1024 is 196 image tokens at $30/1M.
    assert charge.amount_micro == 8 * 5 + 196 * 30 == 5920
    assert (wallet().posted, wallet().held) == (GRANT - 5920, 0)
    assert len(sandbox.entries()) == 1


def test_the_real_wallet_is_not_touched_by_the_sandbox(finished_run):
    real = Wallet.objects.get(simulated=False, workspace__slug="acme-shop")
    assert (real.posted, real.held) == (GRANT, 0)
    assert finished_run.assets.get().simulated
    assert Charge.objects.get().simulated
    assert Attempt.objects.get().simulated


def test_what_runs_is_what_is_on_the_screen(image_step, press_run, let_the_hive_work, sandbox):
    press_run(image_step, prompt="A red bicycle", image_count="3", image_quality="medium")
    let_the_hive_work()
    assert sandbox.entries()[0]["body"] == {
        "model": "gpt-image-2",
        "prompt": "A red bicycle",
        "n": 3,
        "size": "1024x1024",
        "quality": "medium",
        "background": "auto",
        "moderation": "auto",
        "output_format": "jpeg",
        "output_compression": 70,
    }
    image_step.refresh_from_db()
    assert image_step.settings["prompt"] == "A red bicycle"


def test_the_output_object_has_exactly_the_keys_of_the_product(finished_run):
    asset = Asset.objects.get()
    assert finished_run.output_for_later_steps == {
        "settings": {
            "provider": "openai",
            "model": "gpt-image-2",
            "image_count": 1,
            "image_size": "1024x1024",
            "image_quality": "low",
            "image_background": "auto",
            "image_moderation": "auto",
            "image_output_format": "jpeg",
            "image_output_compression": 70,
        },
        "assets": [
            {
                "id": str(asset.pk),
                "file_url": f"http://testserver/files/{asset.token}/hero-image-r1-1.jpeg",
                "file_name": "hero-image-r1-1.jpeg",
                "file_size": asset.file_size,
                "file_type": "image/jpeg",
                "width": 1024,
                "height": 1024,
            }
        ],
    }
    output = finished_run.output_for_later_steps
    assert list(output["settings"])[:3] == ["provider", "model", "image_count"]


def test_compression_is_null_with_png(image_step, press_run, let_the_hive_work, sandbox):
    press_run(image_step, image_output_format="png")
    let_the_hive_work()
    output = image_step.runs.get().output_for_later_steps
    assert output["settings"]["image_output_compression"] is None
    assert output["assets"][0]["file_type"] == "image/png"
    assert "output_compression" not in sandbox.entries()[0]["body"]


def test_one_form_key_starts_one_run(image_step, press_run, let_the_hive_work, sandbox):
    first = press_run(image_step, form_key="one-click")
    again = press_run(image_step, form_key="one-click")
    let_the_hive_work()
    assert Run.objects.count() == 1
    assert len(sandbox.entries()) == 1
    assert (first.status_code, again.status_code) == (200, 200)
    assert first["HX-Push-Url"] == again["HX-Push-Url"]


def test_three_runs_of_a_step_may_go_at_once_and_a_fourth_is_refused(image_step, press_run):
    answers = [press_run(image_step).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 422]
    assert Run.objects.count() == 3


def test_the_worst_case_is_held_and_reserved_before_the_request(
    image_step, press_run, let_the_hive_work, sandbox
):
    from workflows.runs.advance import advance

    press_run(image_step)
    advance(Run.objects.get().pk)
    part = Part.objects.get()
    assert part.hold_micro >= 5920
    assert wallet().held == part.hold_micro
    assert storage().reserved == part.reserved_bytes > 1024 * 1024 * 4
    assert sandbox.entries() == []


def test_a_full_storage_stops_the_step_before_the_provider_is_asked(
    image_step, press_run, let_the_hive_work, sandbox
):
    Storage.objects.update(limit=0)
    press_run(image_step)
    let_the_hive_work()
    step_run = image_step.runs.get()
    assert step_run.error["error_code"] == "asset_storage_limit_reached"
    assert "0.0 MB used" in step_run.error["message"]
    assert sandbox.entries() == []
    assert (wallet().posted, wallet().held, storage().reserved) == (GRANT, 0, 0)


def test_one_byte_below_the_storage_limit_still_runs(
    image_step, press_run, let_the_hive_work, sandbox
):
    Storage.objects.update(limit=1)
    press_run(image_step)
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert storage().used > storage().limit  # a paid image is always kept
    press_run(image_step)
    let_the_hive_work()
    assert len(sandbox.entries()) == 1


def test_a_wallet_that_does_not_cover_the_worst_case_stops_the_step(
    image_step, press_run, let_the_hive_work, sandbox, leave_in_wallet
):
    leave_in_wallet(image_step.workspace, 1000)
    press_run(image_step)
    let_the_hive_work()
    step_run = image_step.runs.get()
    assert step_run.error["error_code"] == "insufficient_hosted_credits"
    assert "$0.0010 is available" in step_run.error["message"]
    assert sandbox.entries() == []
    assert (wallet().posted, wallet().held, storage().reserved) == (1000, 0, 0)


def test_a_personal_run_without_a_key_never_falls_back_to_the_hosted_one(
    image_step, press_run, let_the_hive_work, sandbox
):
    press_run(image_step, charge_type="personal")
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "personal_model_missing_credentials"
    assert sandbox.entries() == []
    assert (wallet().posted, wallet().held, storage().reserved) == (GRANT, 0, 0)


def test_without_key_and_sandbox_the_hosted_model_is_unavailable(
    image_step, press_run, let_the_hive_work, settings
):
    settings.SANDBOX_URL = ""
    press_run(image_step)
    let_the_hive_work()
    assert image_step.runs.get().error["error_code"] == "hosted_model_unavailable"


def test_a_hosted_key_that_the_provider_refuses_is_named_and_costs_nothing(
    image_step, press_run, let_the_hive_work, sandbox, settings
):
    routes = settings.PROVIDER_ROUTES
    with_key = {"key": "sk-invalid-0123456789", "base_url": f"{sandbox.base_url}/openai/v1"}
    settings.PROVIDER_ROUTES = routes | {"openai": routes["openai"] | with_key}
    press_run(image_step)
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "hosted_model_unavailable"
    assert "refused the key" in error["message"]
    assert "0123456789" not in str(Attempt.objects.values()) + error["message"]
    assert Wallet.objects.get(simulated=False, workspace__slug="acme-shop").held == 0


def test_a_sandbox_that_is_not_running_is_named_after_three_tries(
    image_step, press_run, let_the_hive_work, settings
):
    settings.SANDBOX_URL = "http://127.0.0.1:1"
    press_run(image_step)
    let_the_hive_work()
    error = image_step.runs.get().error
    assert error["error_code"] == "provider_unavailable"
    assert "sandbox" in error["message"]
    assert "Nothing was sent and nothing was charged" in error["message"]
    assert [attempt.state for attempt in Attempt.objects.all()] == ["unsent", "unsent", "rejected"]
    assert wallet().held == 0


def test_a_run_that_is_queued_is_cancelled_at_once_and_free(
    image_step, press_run, let_the_hive_work, sandbox
):
    from workflows.runs.advance import advance

    press_run(image_step)
    run = Run.objects.get()
    advance(run.pk)
    cancel(run.pk)
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert (wallet().held, storage().reserved) == (0, 0)
    let_the_hive_work()
    assert sandbox.entries() == []
    assert run.step_runs.get().status == "cancelled"


def test_cancelling_twice_changes_nothing(image_step, press_run, let_the_hive_work, sandbox):
    press_run(image_step)
    run = Run.objects.get()
    cancel(run.pk)
    cancel(run.pk)
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert wallet().held == 0


def test_fewer_images_than_asked_are_kept_with_a_warning(image_step, press_run, let_the_hive_work):
    press_run(image_step, prompt="x [[sandbox:fewer_images drop=1]]", image_count="3")
    let_the_hive_work()
    step_run = image_step.runs.get()
    assert step_run.status == "succeeded"
    assert step_run.warnings == ["2 of 3 images came."]
    assert len(step_run.output_for_later_steps["assets"]) == 2


def test_type_and_size_come_from_the_bytes_and_not_from_what_was_declared(
    image_step, press_run, let_the_hive_work
):
    press_run(image_step, prompt="x [[sandbox:wrong_format]]", image_output_format="png")
    let_the_hive_work()
    asset = Asset.objects.get()
    assert asset.file_type == "image/jpeg"
    assert asset.file_name.endswith(".jpeg")


def test_the_file_is_what_the_row_says(finished_run, client):
    asset = finished_run.assets.get()
    body = b"".join(client.get(asset.path).streaming_content)
    assert len(body) == asset.file_size
    assert hashlib.sha256(body).hexdigest() == asset.sha256


def test_usage_that_is_missing_is_priced_by_our_table_and_flagged(
    image_step, press_run, let_the_hive_work
):
    press_run(image_step, prompt="x [[sandbox:usage_missing]]")
    let_the_hive_work()
    charge = Charge.objects.get()
    assert charge.amount_micro == 196 * 30 + -(-len("x [[sandbox:usage_missing]]") // 4) * 5
    assert charge.flags == ["The provider named no usage: priced by our own table."]


@pytest.mark.parametrize("marker", ["usage_negative", "usage_text", "usage_nan"])
def test_usage_that_cannot_be_true_is_not_believed(
    marker, image_step, press_run, let_the_hive_work
):
    press_run(image_step, prompt=f"x [[sandbox:{marker}]]")
    let_the_hive_work()
    assert Charge.objects.get().flags == ["The provider named no usage: priced by our own table."]


def test_a_usage_that_is_too_high_and_not_impossible_costs_the_customer_no_more_than_was_held(
    image_step, press_run, let_the_hive_work, monkeypatch
):
    high = replace(faults.FAULTS["usage_huge"], usage=damage.every_count(1_000_000))
    monkeypatch.setitem(faults.FAULTS, "usage_huge", high)
    press_run(image_step, prompt="x [[sandbox:usage_huge]]")
    let_the_hive_work()
    charge = Charge.objects.get()
    assert charge.amount_micro == charge.part.hold_micro
    assert charge.flags == ["It cost more than was held: the rest is our loss."]
    lost = StatementLine.objects.get(part=charge.part).loss_micro
    assert lost == charge.list_micro - charge.amount_micro > 0


def test_the_customer_never_pays_more_than_was_held(image_step, press_run, let_the_hive_work):
    press_run(image_step, prompt="x [[sandbox:usage_huge]]")
    let_the_hive_work()
    charge = Charge.objects.get()
    assert charge.amount_micro <= charge.part.hold_micro
    assert wallet().posted == GRANT - charge.amount_micro


def test_a_run_of_somebody_who_was_removed_while_it_waited_is_not_sent(
    image_step, press_run, author, let_the_hive_work, sandbox
):
    press_run(image_step)
    author.memberships.all().delete()
    let_the_hive_work()
    assert image_step.runs.get().error["message"] == (
        "The person or API key that started this run may no longer run workflows of this workspace."
        " Have an Editor press Run again. Nothing was sent and nothing was charged."
    )
    assert sandbox.entries() == []
    assert (wallet().posted, wallet().held, storage().reserved) == (GRANT, 0, 0)
