"""The raw rows: who sees them, that nobody changes money there, and that no secret is on them."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, reverse

from imagegen import models as money
from imagegen.billing.losses import book_loss
from imagegen.billing.reviews import note, open_review
from imagegen.provider_keys.store import store
from workflows.models import Membership, Run, StepRun, User, Workflow, Workspace
from workflows.sign_in import address_for

PEOPLE = {User, Workspace, Membership}
ROWS = sorted(admin.site._registry, key=lambda model: model._meta.label)
READ_ONLY = [model for model in ROWS if model not in PEOPLE]
NOT_MONEY = {money.DefaultChargeType, money.ProviderAccount, money.Sweep}
MONEY = {getattr(money, name) for name in money.__all__} - NOT_MONEY
KEY = "sk-personal-0123456789WXYZ"
PROMPT = "A bottle that only its members know of"


def address(model, page="changelist", *args):
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


@pytest.fixture
def staff(db):
    return User.objects.create_user("sam@example.org", "correct horse battery", is_staff=True)


@pytest.fixture
def superuser(db):
    return User.objects.create_superuser("sue@example.org", "correct horse battery")


@pytest.fixture
def rows(workspace, author, image_step, press_run, let_the_hive_work, staff):
    """At least one of each kind."""
    address_for(author)
    store(workspace, "openai", KEY, author)
    press_run(image_step, prompt=PROMPT)
    let_the_hive_work()
    part = money.Part.objects.get()
    book_loss(part, 1_000, key="loss:test", reason="a test", by=staff)
    open_review(part, 1_000)
    note(money.Review.objects.get(), "asked the vendor", staff)


@pytest.fixture
def secrets(rows, author, superuser):
    asset = money.Asset.objects.get()
    key = money.ProviderKey.objects.get()
    return {
        "password": author.password,
        "own password": superuser.password,
        "sign-in address": author.sign_in_addresses.get().digest,
        "key": KEY,
        "sealed": key.sealed.hex(),
        "sealed as bytes": str(bytes(key.sealed))[2:20],
        "token": asset.token,
        "file": asset.key,
        "prompt": PROMPT,
        "form key": Run.objects.get().form_key,
    }


def all_addresses():
    for model in ROWS:
        row = model._default_manager.first()
        assert row is not None, f"the fixture has no {model._meta.label}"
        yield address(model)
        yield address(model, "change", row.pk)
        if model in PEOPLE:
            yield address(model, "history", row.pk)
    yield reverse("admin:index")
    yield reverse("admin:jsi18n")
    yield from (reverse("admin:app_list", args=[app]) for app in ("workflows", "imagegen"))


@pytest.mark.cooked_books
def test_staff_read_every_page_and_find_no_secret(secrets, staff, superuser, browser_of):
    for person in (staff, superuser):
        client = browser_of(person)
        for path in all_addresses():
            answer = client.get(path)
            assert answer.status_code == 200, path
            found = [name for name, secret in secrets.items() if secret in answer.text]
            assert not found, f"{path} shows {found}"
            policy = answer["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy


@pytest.mark.cooked_books
def test_nobody_else_sees_any_of_it(rows, page, client):
    for path in all_addresses():
        refused = page.get(path)
        assert refused.status_code == 403, path
        assert "Only staff of Fetch Hive" in refused.text
        away = client.get(path)
        assert away["Location"] == f"{reverse('workflows:sign-in')}?next={path}"


@pytest.mark.cooked_books
def test_no_post_changes_a_row_of_money(rows, superuser, browser_of):
    client = browser_of(superuser)
    before = {model: list(model._default_manager.values()) for model in READ_ONLY}
    for model in READ_ONLY:
        row = model._default_manager.first()
        own = {field.name: "1" for field in model._meta.concrete_fields}
        for path in (address(model), address(model, "change", row.pk)):
            for form in (own, {"action": "delete_selected", "_selected_action": row.pk}):
                answer = client.post(path, form | {"post": "yes", "_save": "Save"})
                assert answer.status_code in (200, 302, 403), path
        for gone in ("add/", f"{row.pk}/delete/", f"{row.pk}/history/"):
            assert client.post(address(model) + gone, {"post": "yes"}).status_code == 404
    assert before == {model: list(model._default_manager.values()) for model in READ_ONLY}
    assert not LogEntry.objects.exists()


def test_every_table_of_money_is_among_them_and_nothing_is_added_or_deleted():
    assert set(ROWS) >= MONEY
    assert set(ROWS) - MONEY == PEOPLE | {Workflow, Run, StepRun}
    names = {
        pattern.name
        for entry in admin.site.get_urls()
        for pattern in (entry.url_patterns if isinstance(entry, URLResolver) else [entry])
    }
    endings = {name.rsplit("_", 1)[-1] for name in names - {"index", "jsi18n", "app_list"}}
    assert endings == {"changelist", "change", "history"}


def test_the_address_without_its_slash_leads_there(staff, browser_of):
    assert browser_of(staff).get("/admin")["Location"] == "/admin/"


@pytest.mark.cooked_books
def test_a_row_is_found_by_its_id_and_by_that_of_what_it_belongs_to(rows, staff, browser_of):
    client = browser_of(staff)
    charge = money.Charge.objects.get()
    for term in (charge.pk, charge.part_id, f" {charge.workspace_id} "):
        assert str(charge.pk) in client.get(address(money.Charge), {"q": term}).text
    for term in (uuid4(), "nonsense", "' OR 1=1"):
        assert str(charge.pk) not in client.get(address(money.Charge), {"q": term}).text


@pytest.mark.cooked_books
@pytest.mark.parametrize("asked", ["password__startswith", "sealed", "token__startswith", "id"])
def test_a_hidden_column_cannot_be_guessed_by_a_filter(rows, staff, browser_of, asked):
    client = browser_of(staff)
    for model in (User, money.ProviderKey, money.Asset):
        answer = client.get(address(model), {asked: "a"})
        assert answer.status_code == 400


@pytest.mark.parametrize("order", ["1", "2.1", "9.8", "nonsense"])
def test_no_address_brings_the_rows_into_another_order(author, staff, browser_of, order):
    for name in ("zoe", "bea", "tom"):
        User.objects.create_user(f"{name}@example.org", "correct horse battery")
    html = browser_of(staff).get(address(User), {"o": order}).text
    rows = html.partition('id="result_list"')[2]
    newest_first = User.objects.order_by("-pk").values_list("email", flat=True)
    assert re.findall(r">(\w+@example.org)</a>", rows) == list(newest_first)


def test_a_list_asks_as_often_for_many_rows_and_never_counts_them_all(
    staff, browser_of, workspace, monkeypatch
):
    client = browser_of(staff)
    add_days(workspace, 2)
    with CaptureQueriesContext(connection) as few:
        client.get(address(money.DayTotal))
    add_days(workspace, 60)
    with CaptureQueriesContext(connection) as many:
        shown = client.get(address(money.DayTotal))
    assert len(many) == len(few)
    assert shown.text.count('class="field-day') == 50
    assert "2026-11-01" in shown.text
    counts = [query["sql"] for query in many if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 10000" in sql for sql in counts)
    monkeypatch.setattr("workflows.raw_rows.MOST_ROWS", 55)
    assert client.get(address(money.DayTotal), {"p": 2}).status_code == 200
    assert client.get(address(money.DayTotal), {"all": ""}).text.count('class="field-day') == 50


def add_days(workspace, number):
    money.DayTotal.objects.bulk_create(
        money.DayTotal(
            workspace=workspace, day=date(2026, 11, 1), digest=uuid4().hex, simulated=False
        )
        for _ in range(number)
    )


# People


def change(client, row, **fields):
    return client.post(address(type(row), "change", row.pk), fields | {"_save": "Save"})


@pytest.mark.cooked_books
def test_a_deactivated_person_is_signed_out_and_stays_out(
    rows, author, superuser, browser_of, page, client
):
    assert page.get("/account").status_code == 200
    printed = address_for(author).removeprefix("http://testserver")
    assert change(browser_of(superuser), author, is_staff="").status_code == 302
    author.refresh_from_db()
    assert not author.is_active
    assert page.get("/account")["Location"].startswith("/sign-in")
    form = {"username": author.email, "password": "correct horse battery"}
    assert client.post("/sign-in", form).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.get(printed).status_code == 403
    assert money.StatementLine.objects.get().user == author


@pytest.mark.cooked_books
def test_who_spent_is_never_deleted(rows, author, superuser, browser_of):
    client = browser_of(superuser)
    assert client.post(address(User) + f"{author.pk}/delete/", {"post": "yes"}).status_code == 404
    chosen = {"action": "delete_selected", "_selected_action": author.pk, "post": "yes"}
    client.post(address(User), chosen)
    assert User.objects.filter(pk=author.pk).exists()


def test_staff_who_are_no_superusers_change_no_person(staff, author, browser_of):
    assert change(browser_of(staff), author, is_active="on", is_staff="on").status_code == 403
    author.refresh_from_db()
    assert not author.is_staff


def test_a_superuser_makes_staff_and_keeps_the_own_account(author, superuser, browser_of):
    client = browser_of(superuser)
    assert change(client, author, is_active="on", is_staff="on").status_code == 302
    author.refresh_from_db()
    assert author.is_staff
    assert change(client, superuser, email="x@example.org", is_superuser="").status_code == 403
    superuser.refresh_from_db()
    assert (superuser.is_active, superuser.is_staff, superuser.is_superuser) == (True, True, True)
    assert superuser.email == "sue@example.org"
    assert LogEntry.objects.filter(object_id=str(author.pk)).exists()


def test_a_role_is_changed_but_the_last_owner_stays_one(
    author, viewer, workspace, superuser, browser_of
):
    client = browser_of(superuser)
    owner, looker = author.memberships.get(), viewer.memberships.get()
    refused = change(client, owner, role="viewer")
    assert "Acme Shop would have no owner. Make somebody else one first." in refused.text
    assert change(client, looker, role="owner", workspace=uuid4()).status_code == 302
    assert change(client, owner, role="viewer").status_code == 302
    roles = workspace.memberships.values_list("user__email", "role")
    assert set(roles) == {(author.email, "viewer"), (viewer.email, "owner")}


def test_an_owner_who_is_deactivated_is_no_other_owner(
    author, viewer, workspace, superuser, browser_of
):
    viewer.memberships.update(role="owner")
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    refused = change(browser_of(superuser), author.memberships.get(), role="viewer")
    assert "Acme Shop would have no owner." in refused.text


def test_a_workspace_is_renamed_and_its_address_stays(workspace, superuser, browser_of):
    change(browser_of(superuser), workspace, name="Acme Fair", slug="elsewhere")
    workspace.refresh_from_db()
    assert (workspace.name, workspace.slug) == ("Acme Fair", "acme-shop")


def test_staff_find_them_in_their_menu_and_nobody_else_does(staff, page, browser_of, workspace):
    link = f'href="{reverse("admin:index")}"'
    assert link in browser_of(staff).get(reverse("imagegen:billing")).text
    assert link not in page.get(reverse("workflows:account")).text
    assert re.search(r"Billing</a>", browser_of(staff).get(reverse("admin:index")).text)
