"""What somebody asks for, in the words of an address."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.http import QueryDict

from imagegen.billing.pages.filters import choices_for, filter_of
from imagegen.billing.pages.totals import standing_of, totals_of
from workflows.first_start import make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        yield


def asked(query="", fixed=None):
    return filter_of(QueryDict(query).dict(), choices_for(fixed), fixed)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("", date(2026, 10, 24), date(2026, 11, 22)),
        ("period=7", date(2026, 11, 16), date(2026, 11, 22)),
        ("period=this_month", date(2026, 11, 1), date(2026, 11, 22)),
        ("period=last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("period=days&from=2026-02-27&to=2026-03-01", date(2026, 2, 27), date(2026, 3, 1)),
    ],
)
def test_a_period_is_whole_days(query, first, last):
    period = asked(query).period
    assert (period.first, period.last) == (first, last)
    assert period.before.last == date.fromordinal(first.toordinal() - 1)
    assert period.before.days == period.days == len(period.each_day)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=decade", "There is no period “decade”"),
        ("period=days", "Give a first and a last day"),
        ("period=days&from=2026-13-01&to=x", "Give a first and a last day"),
        ("period=days&from=2026-11-02&to=2026-11-01", "after the last one"),
        ("period=days&from=0001-01-01&to=0001-01-02", "these years"),
        ("period=days&from=2024-01-01&to=2026-01-01", "At most 366 days"),
        ("model=gpt-9", "There is no model “gpt-9” here"),
        ("user=nobody", "There is no user “nobody” here"),
        ("workspace=%00", "There is no workspace"),
        ("outcome=sending", "There is no state “sending”"),
        ("simulated=yes", "There is no choice of simulated “yes”"),
    ],
)
def test_what_does_not_exist_is_said_in_a_sentence_and_left_out(query, words):
    filter = asked(query)
    (remark,) = filter.remarks
    assert words in remark
    assert filter.query() == ""


def test_a_filter_is_written_back_as_it_was_asked_for(stated, workspace):
    stated()
    query = "period=7&workspace=acme-shop&model=gpt-image-2&charge_type=hosted&outcome=settled"
    assert asked(query).query() == query
    assert asked(query).workspace_id == workspace.pk


def test_days_and_lines_agree_under_every_filter(stated, author):
    stated(micro=1_000)
    stated(micro=200, model="grok-imagine-image", provider="xai")
    stated("2026-10-23", micro=30)  # the day before the last 30 days
    stated(charge_type="personal", amounts={"charged_micro": 0, "list_micro": 5})
    stated(micro=7, simulated=True)
    for query, micro, lines in (
        ("", 1_200, 3),
        ("period=90", 1_230, 4),
        ("provider=xai", 200, 1),
        ("charge_type=personal", 0, 1),
        (f"user={author.pk}", 1_200, 3),
        ("simulated=only", 7, 1),
        ("outcome=settled", 1_200, 3),
    ):
        filter = asked(query)
        assert not filter.remarks
        assert totals_of(filter.days()).charged_micro == micro
        assert sum(line.charged_micro for line in filter.lines()) == micro
        assert filter.lines().count() == lines


def test_an_owner_asks_in_vain_for_another_workspace(stated, workspace, stranger):
    stated()
    filter = asked("workspace=elsewhere", fixed=workspace)
    assert filter.workspace_id == workspace.pk
    assert filter.remarks
    other = make_workspace("Third", "third", stranger)
    assert not asked(fixed=other).lines().exists()
    assert choices_for(other).user == {}


def test_a_period_is_compared_with_the_one_before(stated):
    stated("2026-11-20", micro=1_120)
    stated("2026-10-20", micro=1_000)
    standing = standing_of(asked())
    assert standing.change == "+12%"
    assert standing.totals.each_micro == 1_120
    assert standing_of(asked("period=7")).change == ""


def test_what_is_under_way_is_held_now(parts_of):
    parts_of(2, hold_micro=400)
    parts_of(1, hold_micro=9, simulated=True)
    assert standing_of(asked("outcome=")).held_micro == 800
