"""What staff give a workspace, and what they are told when it cannot be."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from imagegen.assets.models import Storage
from imagegen.billing.ledger import LedgerTransaction

PLAN = reverse("imagegen:billing-plan", args=["acme-shop"])


@pytest.fixture
def desk(staff, browser_of, workspace):
    return browser_of(staff)


@pytest.fixture
def post(desk):
    def send(name, **fields):
        address = reverse(f"imagegen:billing-{name}", args=["acme-shop"])
        return desk.post(address, {f"{name}-{key}": value for key, value in fields.items()})

    return send


def grant(**fields):
    key = str(uuid4())
    return {"form_key": key, "amount": "5", "purse": "real", "reason": "for the fair"} | fields


def test_a_grant_is_booked_once_and_shown_with_its_reason(desk, post, purse, staff):
    form = grant(amount="$1,234.50")
    for _ in range(2):
        assert post("grant", **form).status_code == 302
    purse.refresh_from_db()
    assert purse.available == 25_000_000 + 1_234_500_000
    assert LedgerTransaction.objects.get(kind="grant").by == staff
    assert "$1,234.50 · Grant: for the fair" in desk.get(PLAN).text


def test_play_money_is_granted_apart(post, workspace, purse):
    post("grant", **grant(purse="sandbox"))
    purse.refresh_from_db()
    assert purse.available == 25_000_000
    assert workspace.wallets.get(simulated=True).available == 30_000_000


def test_a_cap_is_set_shown_and_taken_away(desk, post, purse):
    post("cap", amount="12.5")
    purse.refresh_from_db()
    assert purse.cap_micro == 12_500_000
    assert 'value="12.5"' in desk.get(PLAN).text
    post("cap", amount="")
    purse.refresh_from_db()
    assert purse.cap_micro is None


def test_a_plan_is_set_in_gigabytes(desk, post, workspace):
    post("storage", gigabytes="20")
    workspace.storage.refresh_from_db()
    assert workspace.storage.limit == 20_000_000_000
    assert "of 20 GB used" in desk.get(PLAN).text


@pytest.fixture
def spent(workspace):
    """In November 2026: of real money, and of play money."""

    def put(real=0, simulated=0, held=0):
        for is_simulated, micro in ((False, real), (True, simulated)):
            wallets = workspace.wallets.filter(simulated=is_simulated)
            wallets.update(month=date(2026, 11, 1), month_micro=micro, held=held)

    return put


@pytest.mark.parametrize(
    ("cap", "counted", "sentence"),
    [
        ("3.21", {"real": 3_200_000}, "A month comes to $3.21 at most now.<"),
        (
            "1",
            {"real": 3_200_000},
            "at most now. It is below the $3.20 already spent in November: hosted runs are refused"
            " until 1 December.<",
        ),
        (
            "3.2",
            {"real": 3_200_000, "held": 1},
            "no more than the $3.20 already spent or held in November: hosted runs are refused"
            " until what is held has ended.<",
        ),
        (
            "1",
            {"simulated": 2_000_000},
            "at most now. It is below the $2.00 of play money already spent in November: simulated"
            " runs are refused until 1 December.<",
        ),
        ("0", {}, "A month comes to nothing now: hosted and simulated runs are refused"),
    ],
)
def test_a_cap_that_is_reached_already_says_so(
    spent, time_machine, browser_of, staff, cap, counted, sentence
):
    time_machine.move_to("2026-11-23")
    spent(**counted)
    address = reverse("imagegen:billing-cap", args=["acme-shop"])
    answer = browser_of(staff).post(address, {"cap-amount": cap}, follow=True)
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("used", "reserved", "sentence"),
    [
        (4_900_000_000, 0, "The plan has 5 GB now.<"),
        (
            6_100_000_000,
            0,
            "now. It is below the 6.1 GB in use: everything is kept, and new runs are refused until"
            " some is deleted.<",
        ),
        (5_000_000_000, 0, "It is no more than the 5 GB in use:"),
        (4_900_000_000, 200_000_000, "It is below the 5.1 GB in use or reserved:"),
    ],
)
def test_a_plan_without_room_says_so(desk, workspace, used, reserved, sentence):
    Storage.objects.filter(workspace=workspace).update(used=used, reserved=reserved)
    address = reverse("imagegen:billing-storage", args=["acme-shop"])
    assert sentence in desk.post(address, {"storage-gigabytes": "5"}, follow=True).text


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("grant", grant(amount="1,50"), "A comma can be read in two ways"),
        ("grant", grant(amount="0"), "Nothing is no grant"),
        ("grant", grant(amount=""), "Type how much is granted"),
        ("grant", grant(reason=""), "Give a reason"),
        ("cap", {"amount": "-3"}, "never negative"),
        ("storage", {"gigabytes": "-3"}, "never negative"),
        ("storage", {"gigabytes": "1.5"}, "Type whole GB"),
        ("storage", {"gigabytes": "9" * 30}, "At most 100,000 GB"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence_and_kept(post, purse, name, fields, sentence):
    answer = post(name, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    typed = fields.get("amount", fields.get("gigabytes"))
    assert not typed or f'value="{typed}"' in answer.text
    purse.refresh_from_db()
    assert (purse.available, purse.cap_micro) == (25_000_000, None)


def test_an_owner_gives_the_own_workspace_nothing(page, purse):
    address = reverse("imagegen:billing-grant", args=["acme-shop"])
    assert page.get(PLAN).status_code == 403
    assert page.post(address, {f"grant-{k}": v for k, v in grant().items()}).status_code == 403
    purse.refresh_from_db()
    assert purse.available == 25_000_000
