"""A cap is warned of before it stops anybody."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail

from imagegen.billing import wallet
from imagegen.billing.caps import warn_of_caps
from workflows.models import User


@pytest.fixture
def spend(workspace, parts_of):
    """Of a cap of $1.00, so much is held."""
    workspace.wallets.filter(simulated=False).update(cap_micro=1_000_000)

    def hold(micro):
        (part,) = parts_of(1)
        assert wallet.hold(workspace.pk, {part.pk: micro}, simulated=False)

    return hold


def test_owners_and_staff_hear_of_80_percent_once(spend, author, viewer):
    staff = User.objects.create_user("stella@example.org", is_staff=True)
    spend(799_999)
    assert warn_of_caps() == 0
    spend(1)
    assert warn_of_caps() == 1
    assert warn_of_caps() == 0
    (sent,) = mail.outbox
    assert sent.bcc == [author.email, staff.email]
    assert sent.subject == "Acme Shop: 80 % of this month's spend cap is used"
    assert "$0.8000 of $1.00" in sent.body


def test_a_higher_cap_is_warned_of_anew(spend, page, workspace):
    spend(900_000)
    assert warn_of_caps() == 1
    plan = {"cap-amount": "2"}
    page.post(f"/w/{workspace.slug}/billing/plan/cap", plan)
    assert workspace.wallets.get(simulated=False).warned_for  # she is no member of staff
    User.objects.update(is_staff=True)
    page.post(f"/w/{workspace.slug}/billing/plan/cap", plan)
    assert warn_of_caps() == 0
    spend(800_000)
    assert warn_of_caps() == 1


def test_nobody_is_warned_of_play_money(workspace, parts_of):
    workspace.wallets.update(cap_micro=1_000_000)
    (part,) = parts_of(1, simulated=True)
    assert wallet.hold(workspace.pk, {part.pk: 1_000_000}, simulated=True)
    assert warn_of_caps() == 0


def test_they_hear_of_it_again_in_the_next_month(spend):
    with time_machine.travel(datetime(2026, 11, 30, tzinfo=UTC), tick=False):
        spend(900_000)
        assert warn_of_caps() == 1
    with time_machine.travel(datetime(2026, 12, 2, tzinfo=UTC), tick=False):
        assert warn_of_caps() == 0
        spend(900_000)
        assert warn_of_caps() == 1


def test_a_warning_that_could_not_be_sent_is_sent_later(spend, settings, caplog):
    spend(900_000)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert warn_of_caps() == 0
    assert "could not be sent" in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert warn_of_caps() == 1


def test_staff_see_it_of_every_workspace(spend, staff, browser_of):
    assert "spend cap" not in browser_of(staff).get("/billing").text
    spend(900_000)
    html = browser_of(staff).get("/billing").text
    assert "$0.9000 of $1.00 of this month&#x27;s spend cap of Acme Shop" in html


def test_who_can_do_something_about_it_sees_a_banner(spend, page, browser_of, viewer, workspace):
    address = f"/w/{workspace.slug}/workflows"
    assert "spend cap" not in page.get(address).text
    spend(900_000)
    assert "$0.9000 of $1.00 of this month&#x27;s spend cap" in page.get(address).text
    assert "spend cap" not in browser_of(viewer).get(address).text
