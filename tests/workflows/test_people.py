import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from workflows.first_start import ensure_first_workspace
from workflows.models import SignInAddress, User, Workflow, Workspace
from workflows.sign_in import address_for


@pytest.fixture
def path(author):
    return address_for(author).removeprefix("http://testserver")


def signed_in(client):
    return "_auth_user_id" in client.session


def test_the_printed_address_signs_in_once(path, client, workspace):
    assert client.get(path).status_code == 302
    assert signed_in(client)
    client.logout()
    again = client.get(path)
    assert again.status_code == 403
    assert "used already" in again.text
    assert not signed_in(client)


def test_the_address_again_while_signed_in_just_opens_the_program(path, client, workspace):
    client.get(path)
    assert client.get(path).status_code == 302


def test_an_ipv6_socket_names_this_machine_in_its_own_way(path, client, workspace):
    assert client.get(path, REMOTE_ADDR="::ffff:127.0.0.1").status_code == 302


@pytest.mark.parametrize(
    "visit", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}]
)
def test_the_address_works_on_this_machine_only(path, client, visit):
    response = client.get(path, **visit)
    assert response.status_code == 403
    assert not signed_in(client)
    assert SignInAddress.objects.get().used_at is None


def test_an_old_address_is_refused(path, client):
    SignInAddress.objects.update(expires_at=now() - timedelta(seconds=1))
    assert client.get(path).status_code == 403


def test_an_unknown_address_is_refused(client, db):
    assert client.get("/sign-in/nonsense").status_code == 403


def test_only_the_digest_of_an_address_is_stored(path):
    token = path.rsplit("/", 1)[1]
    assert token not in str(SignInAddress.objects.values().get())


def post_password(client, password, email="alice@example.org"):
    return client.post("/sign-in", {"username": email, "password": password})


def test_a_password_signs_in(client, workspace):
    assert post_password(client, "correct horse battery", "Alice@Example.org").status_code == 302
    assert signed_in(client)


def test_a_wrong_password_and_an_unknown_person_read_the_same_sentence(client, workspace):
    wrong = post_password(client, "wrong").text
    unknown = post_password(client, "wrong", "nobody@example.org").text
    sentence = re.compile("E-mail and password do not belong together[^<]*")
    assert sentence.search(wrong)[0] == sentence.search(unknown)[0]


def test_five_wrong_passwords_lock_this_person_at_this_address_only(client, workspace, stranger):
    for _ in range(5):
        post_password(client, "wrong")
    assert post_password(client, "correct horse battery").status_code == 429
    assert post_password(client, "correct horse battery", "charlie@example.org").status_code == 302


def test_the_session_key_changes_at_sign_in(client, workspace):
    client.get("/sign-in")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    post_password(client, "correct horse battery")
    assert client.session.session_key != before


def test_an_account_gets_a_password_and_stays_signed_in(page, author):
    fields = {
        "email": "alice@hive.example",
        "old_password": "correct horse battery",
        "new_password1": "a long new secret",
        "new_password2": "a long new secret",
    }
    refused = page.post("/account", fields | {"old_password": "guessed"})
    assert refused.status_code == 422
    assert "This is not your password" in refused.text
    assert page.post("/account", fields).status_code == 302
    author.refresh_from_db()
    assert author.email == "alice@hive.example"
    assert author.check_password("a long new secret")
    assert page.get("/account").status_code == 200


def test_staff_without_a_workspace_begin_in_billing(browser_of, db):
    staff = User.objects.create_user("sam@example.org", is_staff=True)
    begun = browser_of(staff).get("/", follow=True)
    assert begun.redirect_chain == [("/billing", 302)]
    assert begun.status_code == 200


def test_a_person_without_a_workspace_reads_whom_to_ask(browser_of, db):
    shown = browser_of(User.objects.create_user("nora@example.org")).get("/")
    assert shown.status_code == 200
    assert "You are in no workspace" in shown.text
    assert "<b>nora@example.org</b>" in shown.text
    assert 'href="/account"' in shown.text


def test_a_first_start_makes_an_owner_who_is_staff_with_a_plan_and_a_grant(db):
    user = ensure_first_workspace()
    assert ensure_first_workspace() == user
    workspace = Workspace.objects.get()
    assert user.is_staff
    assert user.memberships.get().role == "owner"
    assert workspace.storage.limit == 5_000_000_000
    assert [wallet.posted for wallet in workspace.wallets.all()] == [25_000_000, 25_000_000]
    assert Workflow.objects.get().steps.count() == 2
    assert User.objects.count() == 1
