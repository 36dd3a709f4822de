"""Owners store, test, replace and revoke; the others look. A key is never drawn again."""

import pytest
from django.urls import reverse

from imagegen.models import ProviderKey
from imagegen.provider_keys import store
from imagegen.provider_keys.master_keys import first_master_key
from imagegen.provider_keys.sealing import MasterKey
from tests.imagegen.provider_keys.conftest import CANARY
from workflows.models import Membership, User

PAGE = "/w/acme-shop/keys"


@pytest.fixture
def post(page, workspace):
    def posted(action, provider="openai", client=page, **fields):
        return client.post(f"{PAGE}/{provider}/{action}", fields, follow=True)

    return posted


@pytest.fixture
def editor(workspace):
    user = User.objects.create_user("erin@example.org")
    Membership.objects.create(workspace=workspace, user=user, role=Membership.Role.EDITOR)
    return user


def live():
    return ProviderKey.objects.live().get()


def test_a_key_is_stored_and_only_its_last_four_characters_are_shown(post, page):
    answer = post("store", key=f"  {CANARY}\n")
    assert "The OpenAI key ending in 8cD5 is stored." in answer.text
    assert "stored · …8cD5" in answer.text
    assert "by alice@example.org" in answer.text
    assert CANARY[:-4] not in answer.text + page.get(PAGE).text
    assert store.opened(live()) == CANARY


def test_a_key_that_is_replaced_is_destroyed_and_its_row_stays(post, stored, author):
    assert "ending in 9999" in post("store", key="sk-second-0123456789-9999").text
    stored.refresh_from_db()
    assert (stored.sealed, stored.ended_as, stored.ended_by) == (None, "replaced", author)
    assert (live().last_four, stored.last_four) == ("9999", "8cD5")


def test_a_key_that_is_revoked_is_destroyed_and_the_page_says_who_did_it(post, stored):
    answer = post("revoke")
    assert "The OpenAI key is revoked and destroyed." in answer.text
    assert "Revoked on" in answer.text
    assert "it ended in …8cD5" in answer.text
    stored.refresh_from_db()
    assert (stored.sealed, stored.ended_as) == (None, "revoked")
    assert "There is no OpenAI key any more." in post("revoke").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Paste the key."),
        ("  \r\n ", "Paste the key."),
        (f"{CANARY[:20]}\n{CANARY[20:]}", "no line break and no space in it"),
        (f"{CANARY[:20]}\r\nX-Other: {CANARY[20:]}", "no line break and no space in it"),
        (f"{CANARY[:20]} {CANARY[20:]}", "no line break and no space in it"),
        (f"{CANARY}\x00", "characters that no key has"),
        (f"{CANARY}\u200b", "characters that no key has"),
        (f"{CANARY}é", "characters that no key has"),
        (f'{CANARY}"><script>', "characters that no key has"),
        (CANARY[:12], "A key has 20 to 300 characters, and this has 12."),
        (CANARY * 20, "A key has 20 to 300 characters, and this has 680."),
    ],
)
def test_what_is_no_key_is_refused_in_one_sentence_and_not_echoed(typed, sentence, page, workspace):
    answer = page.post(f"{PAGE}/openai/store", {"key": typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert CANARY[:12] not in answer.text
    assert not ProviderKey.objects.exists()


def test_nothing_is_stored_while_the_master_keys_are_malformed(post, workspace, settings):
    settings.MASTER_KEYS = ["short"]
    assert "the master keys of Fetch Hive are malformed" in post("store", key=CANARY).text
    assert not ProviderKey.objects.exists()


@pytest.mark.parametrize(
    ("provider", "key", "sentence", "result"),
    [
        ("openai", CANARY, "OpenAI accepted the key.", "accepted"),
        ("xai", CANARY, "xAI accepted the key.", "accepted"),
        ("openai", f"{CANARY}-invalid", "OpenAI refused the key. Replace it.", "refused"),
        ("xai", f"{CANARY}-invalid", "xAI refused the key. Replace it.", "refused"),
    ],
)
def test_a_test_asks_the_vendor_and_tells_what_it_said(
    provider, key, sentence, result, vendors, post, workspace
):
    post("store", provider, key=key)
    answer = post("test", provider)
    assert answer.text.count(sentence) == 2  # as a message, and on the card
    assert (live().last_result, live().last_used_at) == (result, None)
    assert vendors.entries() == []  # nothing that could cost money was asked


def test_a_vendor_that_cannot_be_reached_is_told_as_such(post, stored, settings):
    openai = settings.PROVIDER_ROUTES["openai"] | {"base_url": "http://127.0.0.1:1"}
    settings.PROVIDER_ROUTES = settings.PROVIDER_ROUTES | {"openai": openai}
    assert "OpenAI could not be reached." in post("test").text
    assert live().last_result == "unreachable"


def test_a_test_without_a_key_or_with_one_that_cannot_be_opened_sends_nothing(
    post, stored, settings
):
    settings.MASTER_KEYS = ["A" * 43]
    assert "cannot be opened: the master key that sealed it is missing" in post("test").text
    assert "Personal runs are refused and nothing is sent" in post("test").text
    post("revoke")
    assert "this workspace has no OpenAI key of its own" in post("test").text


def test_a_key_whose_master_key_is_gone_is_mended_by_storing_it_again(post, stored, settings):
    settings.MASTER_KEYS = ["A" * 43]
    assert "cannot be opened" in post("store", key="short").text
    post("store", key=CANARY)
    assert live().master_key == first_master_key().id == MasterKey(bytes(32)).id
    assert store.opened(live()) == CANARY


def test_gemini_is_hosted_only_and_takes_no_key(page, post, workspace):
    assert "Its models are hosted-only in this step" in page.get(PAGE).text
    for action in ("store", "test", "revoke"):
        assert post(action, "gemini", key=CANARY).status_code == 404
        assert post(action, "nobody", key=CANARY).status_code == 404


def test_others_than_owners_look_and_see_no_digit(stored, viewer, editor, browser_of, post):
    for user, role in ((viewer, "Viewer"), (editor, "Editor")):
        client = browser_of(user)
        html = client.get(PAGE).text
        assert "You may look, not change" in html
        assert "8cD5" not in html
        assert "<input" not in html.split('id="main"')[1]
        assert "Provider keys</a>" not in html  # the menu
        for action in ("store", "test", "revoke"):
            answer = post(action, client=client, key=CANARY)
            assert answer.status_code == 403
            assert (
                f"Your role in Acme Shop is {role}. Only an owner may change this." in answer.text
            )
    assert ProviderKey.objects.live().count() == 1


def test_an_owner_finds_the_page_in_the_menu_and_nobody_keeps_a_copy_of_it(page, stored):
    answer = page.get(PAGE)
    assert f'href="{reverse("imagegen:provider-keys", args=["acme-shop"])}"' in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert 'hx-history="false"' in answer.text
    assert answer.text.count('autocomplete="off"') == 4
    refused = page.post(f"{PAGE}/openai/store", {"key": ""})
    assert "no-store" in refused["Cache-Control"]


@pytest.mark.parametrize("charge_type", ["personal", "hosted"])
def test_new_steps_start_with_the_charge_type_of_the_workspace(page, image_step, charge_type):
    page.post(f"{PAGE}/charge-type", {"charge_type": charge_type})
    assert f"New steps start with {charge_type.capitalize()}." in page.get(PAGE).text
    page.post(f"/w/acme-shop/workflows/{image_step.workflow_id}/steps/new")
    new = image_step.workflow.steps.get(identifier="step_2")
    assert new.settings["charge_type"] == charge_type
    image_step.refresh_from_db()
    assert image_step.settings["charge_type"] == "hosted"


def test_a_charge_type_that_there_is_not_is_refused(page, workspace):
    answer = page.post(f"{PAGE}/charge-type", {"charge_type": "free"}, follow=True)
    assert "Nothing was saved. Choose Hosted or Personal." in answer.text
