"""API keys: made and shown once, known again, revoked; owners change them, the others look."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from workflows.access import may_still_run
from workflows.api_keys import known, make, note_use, revoke
from workflows.models import ApiKey, Membership, User
from workflows.runs.start import Call, run_workflow

PAGE = "/w/acme-shop/api-keys"
KEY = re.compile(r"fhk_[A-Za-z0-9]{32}")


@pytest.fixture
def made(workspace, author):
    return make(workspace, "Nightly catalogue", author)


@pytest.fixture
def editor(workspace):
    user = User.objects.create_user("erin@example.org")
    Membership.objects.create(workspace=workspace, user=user, role=Membership.Role.EDITOR)
    return user


def test_a_key_is_shown_once_and_only_its_digest_and_its_end_are_kept(page, workspace):
    html = page.post(f"{PAGE}/new", {"name": "  Nightly   catalogue "}).text
    (key,) = set(KEY.findall(html))
    assert "will not be shown again" in html
    assert not KEY.search(page.get(PAGE).text)
    assert f"…{key[-4:]}" in page.get(PAGE).text
    row = ApiKey.objects.get()
    assert (row.name, row.last_four) == ("Nightly catalogue", key[-4:])
    assert key[4:-4] not in str(ApiKey.objects.values().get())
    assert known(key) == row


def test_two_keys_are_never_alike(workspace, author):
    keys = {make(workspace, f"key {number}", author)[1] for number in range(50)}
    assert len({key[:12] for key in keys}) == 50


def test_the_page_of_a_made_key_reloaded_makes_no_second_one(page, workspace):
    page.post(f"{PAGE}/new", {"name": "CI"})
    again = page.post(f"{PAGE}/new", {"name": "CI"})
    assert again.status_code == 422
    assert "There is an API key named “CI” already." in again.text
    assert not KEY.search(again.text)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Give the key a name"),
        (" \t ", "Give the key a name"),
        ("n" * 61, "at most 60 characters, and this has 61"),
        ("C\x00I", "no control characters"),
        ("C\u202eI", "no control characters"),
    ],
)
def test_what_is_no_name_is_refused_in_one_sentence_and_stays_typed(
    typed, sentence, page, workspace
):
    answer = page.post(f"{PAGE}/new", {"name": typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true" autofocus' in answer.text
    assert f'value="{typed}"' in answer.text
    assert not ApiKey.objects.exists()


def test_a_name_is_escaped_wherever_it_stands(page, workspace):
    html = page.post(f"{PAGE}/new", {"name": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


def test_a_revoked_key_is_known_no_more_and_its_name_is_free(page, made, workspace, author):
    row, key = made
    answer = page.post(f"{PAGE}/{row.pk}/revoke", follow=True)
    assert "The API key “Nightly catalogue” is revoked." in answer.text
    assert "There is no API key any more." in answer.text
    assert "by alice@example.org" in answer.text.split('id="revoked-title"')[1]
    assert known(key) is None
    again = page.post(f"{PAGE}/{row.pk}/revoke", follow=True)
    assert "was revoked before." in again.text
    make(workspace, "Nightly catalogue", author)


def test_a_key_of_another_workspace_cannot_be_revoked(made, browser_of, stranger):
    row, key = made
    for slug in ("acme-shop", "elsewhere"):
        answer = browser_of(stranger).post(f"/w/{slug}/api-keys/{row.pk}/revoke")
        assert answer.status_code == 404
    assert known(key) == row


@pytest.mark.parametrize(
    "text", ["", "fhk_", "fhk_" + "a" * 32, "\x00" * 36, "é" * 36, "fhk_" + "a" * 10_000]
)
def test_what_is_no_key_is_known_as_none(text, made):
    assert known(text) is None


def test_a_key_that_ends_like_another_is_told_from_it(made):
    _, key = made
    assert known(f"fhk_{'a' * 28}{key[-4:]}") is None


def test_its_last_use_is_written_once_a_minute(made):
    row, key = made
    start = now()
    for after, writes in ((0, True), (30, False), (59, False), (61, True)):
        with time_machine.travel(start + timedelta(seconds=after), tick=False):
            with CaptureQueriesContext(connection) as asked:
                note_use(known(key))
            assert any("UPDATE" in query["sql"] for query in asked) == writes, after
    row.refresh_from_db()
    assert row.last_used_at == start + timedelta(seconds=61)


def test_others_than_owners_look_and_see_no_digit(made, viewer, editor, browser_of):
    row, key = made
    for user, role in ((viewer, "Viewer"), (editor, "Editor")):
        client = browser_of(user)
        html = client.get(PAGE).text
        assert "Nightly catalogue" in html
        assert "You may look, not change" in html
        assert key[-4:] not in html
        assert "<input" not in html.split('id="main"')[1]
        assert "API keys</a>" not in html  # the menu
        for action in ("new", f"{row.pk}/revoke"):
            answer = client.post(f"{PAGE}/{action}", {"name": "mine"})
            assert answer.status_code == 403
            assert f"Your role in Acme Shop is {role}. Only an owner" in answer.text
    assert [each.revoked_at for each in ApiKey.objects.all()] == [None]


def test_an_owner_finds_the_page_in_the_menu_and_nobody_keeps_a_copy_of_it(page, workspace):
    answer = page.get(PAGE)
    assert f'href="{reverse("workflows:api-keys", args=["acme-shop"])}"' in answer.text
    assert "There is no API key yet." in answer.text
    assert 'hx-history="false"' in answer.text
    for response in (answer, page.post(f"{PAGE}/new", {"name": "CI"})):
        assert "no-store" in response["Cache-Control"]


def test_a_run_that_a_key_started_may_spend_until_the_key_is_revoked(made, image_step, author):
    key, _ = made
    run = run_workflow(image_step.workflow, Call(key, {}, "digest"), "order-1")
    assert (run.api_key, run.started_by, run.who) == (key, None, "API key Nightly catalogue")
    assert may_still_run(run)
    revoke(key, author)
    assert not may_still_run(run)


# On the command line


def test_the_command_prints_nothing_but_a_key_that_works(workspace, capsys):
    call_command("create_api_key", workspace="acme-shop")
    key = capsys.readouterr().out.strip()
    assert KEY.fullmatch(key)
    assert (known(key).name, known(key).created_by) == ("Command line", None)
    call_command("create_api_key", workspace="acme-shop")
    call_command("create_api_key", workspace="acme-shop", name="CI")
    names = ApiKey.objects.values_list("name", flat=True)
    assert set(names) == {"Command line", "Command line 2", "CI"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"workspace": "nowhere"}, "There is no workspace “nowhere”. There is: acme-shop."),
        ({"workspace": "acme-shop", "name": "CI"}, "There is an API key named “CI” already."),
    ],
)
def test_the_command_says_in_a_sentence_why_it_made_none(options, sentence, workspace, author):
    make(workspace, "CI", author)
    with pytest.raises(SystemExit) as ended:
        call_command("create_api_key", **options)
    assert str(ended.value).startswith(sentence)
    assert ApiKey.objects.count() == 1
