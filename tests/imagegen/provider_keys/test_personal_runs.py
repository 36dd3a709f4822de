"""A run that is billed by the workspace's own account."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imagegen.attempts.perform import perform_next
from imagegen.billing.keys import NoAccess, access_for
from imagegen.errors import Fault
from imagegen.models import Attempt, Charge, Part, ProviderKey, Wallet
from imagegen.provider_keys import store
from tests.imagegen.provider_keys.conftest import CANARY
from workflows.models import Run, Workspace
from workflows.money import dollars
from workflows.runs.advance import advance

GRANT = 25_000_000


@pytest.fixture
def personal(image_step):
    image_step.settings["charge_type"] = "personal"
    image_step.save()
    return image_step


@pytest.fixture
def waiting(personal, stored, press_run, vendors):
    """A run that is planned, and that no worker has taken up."""
    press_run(personal)
    advance(Run.objects.get().pk)
    return personal.runs.get()


def deactivated(person):
    person.is_active = False
    person.save()


def removed(person):
    person.memberships.all().delete()


def made_a_viewer(person):
    person.memberships.update(role="viewer")


def deleted(person):
    person.delete()


def wallets():
    return list(Wallet.objects.order_by("pk").values())


def keys_seen(vendors):
    return [entry["key"] for entry in vendors.entries()]


def test_the_header_says_nothing_is_billed_only_while_nothing_can_be(
    sandbox, page, image_step, workspace, author, address_of
):
    address = address_of(image_step, "step-settings")
    assert "Sandbox: nothing is billed" in page.get(address).text
    store.store(workspace, "openai", CANARY, author)
    html = page.get(address).text
    assert "nothing is billed" not in html
    assert ">Personal: OpenAI</span>" in html


def test_it_leaves_both_wallets_untouched_and_uses_no_hosted_key(
    vendors, hosted_keys, personal, stored, press_run, let_the_hive_work, page, address_of
):
    before = wallets()
    press_run(personal)
    advance(Run.objects.get().pk)
    assert (Part.objects.get().hold_micro, wallets()) == (0, before)
    let_the_hive_work()
    step_run = personal.runs.get()
    assert step_run.status == "succeeded"
    assert keys_seen(vendors) == ["8cD5"]
    assert wallets() == before
    charge = Charge.objects.get()
    assert (charge.charge_type, charge.amount_micro, charge.simulated) == ("personal", 0, False)
    assert charge.list_micro > 0
    html = page.get(address_of(personal, "step-output")).text
    listed = dollars(charge.list_micro)
    assert f"Personal · billed by your OpenAI account, list price {listed}<" in html
    assert f"· list {listed}<" in html  # of its one image
    stored.refresh_from_db()
    assert (stored.last_result, Attempt.objects.get().provider_key) == ("accepted", stored)
    assert stored.last_used_at is not None


def test_a_hosted_run_says_so_and_never_uses_the_personal_key(
    vendors, hosted_keys, image_step, stored, press_run, let_the_hive_work, page, address_of
):
    press_run(image_step)
    let_the_hive_work()
    assert keys_seen(vendors) == ["HOST"]
    amount = dollars(Charge.objects.get().amount_micro)
    assert f"Hosted · {amount}<" in page.get(address_of(image_step, "step-output")).text
    stored.refresh_from_db()
    assert (stored.last_used_at, Attempt.objects.get().provider_key) == (None, None)


def test_the_two_ways_of_paying_never_mix(
    vendors, hosted_keys, stored, workflow, step_of, press_run, let_the_hive_work
):
    for number in range(10):
        marker = "[[sandbox:moderation_input]]" if number % 3 == 0 else ""
        charge_type = ("hosted", "personal")[number % 2]
        press_run(step_of(workflow, f"{charge_type} {number} {marker}", charge_type=charge_type))
    let_the_hive_work()
    sent = [(entry["body"]["prompt"].split()[0], entry["key"]) for entry in vendors.entries()]
    assert sorted(sent) == [("hosted", "HOST")] * 5 + [("personal", "8cD5")] * 5
    paid = sum(Charge.objects.filter(charge_type="hosted").values_list("amount_micro", flat=True))
    assert {wallet.posted for wallet in Wallet.objects.all()} == {GRANT, GRANT - paid}


def test_it_goes_to_the_vendor_although_the_sandbox_stands_in_for_hosted_runs(
    vendors, settings, stored, workspace
):
    access = access_for(workspace.pk, "openai", "personal")
    assert (access.key, access.simulated) == (CANARY, False)
    assert access.base_url == settings.PROVIDER_ROUTES["openai"]["base_url"]
    assert CANARY not in repr(access)


@pytest.mark.parametrize(
    ("key", "marker", "code", "result"),
    [
        (f"{CANARY}-invalid", "", "personal_model_invalid_credentials", "refused"),
        (CANARY, "[[sandbox:quota]]", "provider_quota_exhausted", "out_of_credit"),
        (CANARY, "[[sandbox:rate_limit]]", "rate_limited", ""),
    ],
)
def test_a_failure_never_falls_back_to_the_hosted_key(
    key, marker, code, result, vendors, hosted_keys, personal, author, press_run, let_the_hive_work
):
    store.store(personal.workspace, "openai", key, author)
    before = wallets()
    press_run(personal, prompt=f"A jar {marker}")
    let_the_hive_work()
    error = personal.runs.get().error
    assert error["error_code"] == code
    assert set(keys_seen(vendors)) == {key[-4:]}
    assert wallets() == before
    assert ProviderKey.objects.get().last_result == result


def test_a_key_that_the_vendor_refuses_says_what_to_do(
    vendors, personal, author, press_run, let_the_hive_work, page, viewer, browser_of, address_of
):
    store.store(personal.workspace, "openai", f"{CANARY}-invalid", author)
    press_run(personal)
    let_the_hive_work()
    assert personal.runs.get().error["message"] == (
        "OpenAI refused the key of this workspace. Choose Hosted, or have an owner replace it in"
        " Provider keys. OpenAI does not bill for this."
    )
    link = 'class="button small" href="/w/acme-shop/keys"'
    assert link in page.get(address_of(personal, "step-output")).text
    assert link not in browser_of(viewer).get(address_of(personal, "step-output")).text


def test_a_key_that_is_revoked_while_a_run_waits_ends_it_before_anything_is_sent(
    waiting, vendors, hosted_keys, author, let_the_hive_work
):
    before = wallets()
    store.revoke(waiting.workspace, "openai", author)
    let_the_hive_work()
    waiting.refresh_from_db()
    assert waiting.error["error_code"] == "personal_model_missing_credentials"
    assert waiting.error["message"].endswith("Nothing was sent and nothing was charged.")
    assert Part.objects.get().state == "rejected"
    assert not Attempt.objects.exists()
    assert (vendors.entries(), wallets()) == ([], before)


@pytest.mark.parametrize("leave", [deactivated, removed, made_a_viewer, deleted])
def test_a_run_of_somebody_who_may_no_longer_run_is_not_sent(
    leave, waiting, vendors, hosted_keys, author, stored, let_the_hive_work
):
    before = wallets()
    leave(author)
    let_the_hive_work()
    waiting.refresh_from_db()
    assert waiting.error["error_code"] == "personal_model_invalid_credentials"
    assert waiting.error["message"] == (
        "The person or API key that started this run may no longer run workflows of this workspace,"
        " so its OpenAI key"
        " was not used. Have an Editor press Run again. Nothing was sent and nothing was charged."
    )
    assert not Attempt.objects.exists()
    assert (vendors.entries(), wallets()) == ([], before)
    stored.refresh_from_db()
    assert stored.last_used_at is None


def test_a_key_that_is_replaced_while_a_run_waits_is_the_one_that_is_used(
    waiting, vendors, author, let_the_hive_work
):
    store.store(waiting.workspace, "openai", "sk-second-0123456789-9999", author)
    let_the_hive_work()
    assert keys_seen(vendors) == ["9999"]


def test_a_key_that_is_revoked_at_the_last_moment_sends_nothing(
    waiting, vendors, author, monkeypatch
):
    """After it was opened, and before the request was committed."""
    from imagegen.step import ImageGeneration

    made = ImageGeneration.request

    def request(self, part, access):
        store.revoke(waiting.workspace, "openai", author)
        return made(self, part, access)

    monkeypatch.setattr(ImageGeneration, "request", request)
    perform_next()
    waiting.refresh_from_db()
    assert waiting.error["error_code"] == "personal_model_missing_credentials"
    assert not Attempt.objects.exists()
    assert vendors.entries() == []


def test_a_master_key_that_is_gone_ends_a_run_with_one_sentence_and_nothing_sent(
    waiting, personal, vendors, hosted_keys, settings, press_run, let_the_hive_work
):
    settings.MASTER_KEYS = ["A" * 43]
    let_the_hive_work()  # the one that waited
    press_run(personal)  # and one that is not even planned
    let_the_hive_work()
    for step_run in personal.runs.all():
        assert step_run.error["error_code"] == "personal_model_invalid_credentials"
        assert step_run.error["message"] == (
            "The OpenAI key of this workspace cannot be opened: the master key that sealed it is"
            " missing. Choose Hosted, ask the administrator for the master key, or have an owner"
            " store the key again. Nothing was sent and nothing was charged."
        )
    assert vendors.entries() == []


def test_no_workspace_can_use_the_key_of_another(stored, stranger):
    elsewhere = Workspace.objects.get(slug="elsewhere")
    with pytest.raises(NoAccess) as refused:
        access_for(elsewhere.pk, "openai", "personal")
    assert refused.value.fault is Fault.NO_PERSONAL_KEY
    ProviderKey.objects.filter(pk=stored.pk).update(workspace=elsewhere)  # a row that was moved
    with pytest.raises(NoAccess) as refused:
        access_for(elsewhere.pk, "openai", "personal")
    assert refused.value.fault is Fault.PERSONAL_KEY_CLOSED


def test_the_settings_say_with_which_key_and_to_whom(
    personal, stored, page, viewer, browser_of, address_of, sandbox
):
    assert "Your OpenAI key ending in …8cD5" in page.get(address_of(personal, "step-settings")).text
    others = browser_of(viewer).get(address_of(personal, "step-settings")).text
    assert "The workspace's OpenAI key" in others
    assert "8cD5" not in others


def test_without_a_key_personal_is_disabled_and_says_why(
    image_step, page, viewer, browser_of, address_of, sandbox
):
    html = page.get(address_of(image_step, "step-settings")).text
    tag = html.split('id="id_charge_type_personal"')[1]
    assert "disabled" in tag.split(">")[0]
    assert "No OpenAI key is stored." in tag
    assert '<a href="/w/acme-shop/keys#key-openai">Store one' in tag
    others = browser_of(viewer).get(address_of(image_step, "step-settings")).text
    assert "Ask an owner to store one." in others
    assert "/keys" not in others


def test_a_step_that_was_personal_stays_so_when_its_key_goes_and_says_why(
    personal, stored, author, page, change, address_of, sandbox
):
    store.revoke(personal.workspace, "openai", author)
    html = page.get(address_of(personal, "step-settings")).text
    tag = html.split('id="id_charge_type_personal"')[1]
    assert "checked" in tag.split(">")[0]
    assert "disabled" not in tag.split(">")[0]
    assert "No OpenAI key is stored." in tag
    change(personal, prompt="Another jar")
    personal.refresh_from_db()
    assert personal.settings["charge_type"] == "personal"


def test_hosted_says_what_is_left(image_step, page, address_of, sandbox):
    html = page.get(address_of(image_step, "step-settings")).text
    assert "Sandbox money of the workspace · $25.00 left" in html
    assert 'id="hosted-left"' in page.get(address_of(image_step, "step-left")).text


@pytest.mark.parametrize("name", ["step-settings", "step-cards"])
def test_many_personal_steps_ask_for_the_keys_once(
    name, personal, stored, workflow, step_of, page, address_of, sandbox
):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            assert page.get(address_of(personal, name)).status_code == 200
        return sum("imagegen_providerkey" in query["sql"] for query in asked)

    before = questions()
    for _ in range(5):
        step_of(workflow, charge_type="personal")
    assert questions() == before
