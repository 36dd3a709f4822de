"""The page Operations: what it says in each state, and that it asks little."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from fetchhive.management.commands.sweep import sweep_once
from imagegen.assets.orphans import SlowScan
from imagegen.attempts.claims import claim_next
from imagegen.attempts.models import Attempt, Part
from imagegen.attempts.outages import Outages
from imagegen.attempts.sweeps import Sweep, tell_of_round
from imagegen.operations.gauges import Mark
from imagegen.operations.machine import room
from imagegen.operations.overhead import last_week
from workflows.models import Run, StepRun, User
from workflows.runs.advance import advance

PAGE, NOW = "/operations", "/operations/now"


@pytest.fixture
def staff(db):
    return User.objects.create_user("sam@example.org", "correct horse battery", is_staff=True)


@pytest.fixture
def desk(staff, browser_of):
    return browser_of(staff)


@pytest.fixture
def shown(desk):
    """What stands beside a name now: its mark, and all its words."""

    def look(id):
        page = desk.get(NOW).text
        gauge = re.search(
            rf'<li id="gauge-{id}".*?data-mark="(\w+)">(.*?)\n            </li>', page, re.S
        )
        words = " ".join(re.sub(r"<[^>]+>", " ", gauge[2]).split())
        return gauge[1], words

    return look


@pytest.fixture
def due(image_step, press_run, sandbox):
    """A request that no worker has taken."""
    press_run(image_step)
    advance(Run.objects.get().pk)
    return Part.objects.get()


def age(rows, field, **ago):
    rows.update(**{field: now() - timedelta(**ago)})


def test_when_nothing_goes_on_nothing_needs_anybody(desk, shown):
    tell_of_round()
    marks = dict(re.findall(r'id="gauge-([\w-]+)".*?data-mark="(\w+)"', desk.get(NOW).text))
    del marks["spool"], marks["files"]  # of the machine that the test runs on
    assert set(marks.values()) == {"ok"}
    assert shown("queue")[1].startswith("Waiting to be sent 0 OK")


def test_what_waits_too_long_is_marked(due, shown):
    assert shown("queue")[0] == "ok"
    age(Part.objects, "created_at", seconds=30)
    mark, words = shown("queue")
    assert (mark, "the next in turn waits 30 s" in words) == ("look", True)
    age(Part.objects, "created_at", minutes=5)
    assert shown("queue")[0] == "act"
    assert shown("workers")[0] == "act"


def test_a_worker_is_seen_while_it_holds_something(due, shown):
    assert shown("workers")[1].startswith("Workers at work 0")
    claimed = claim_next()
    mark, words = shown("workers")
    assert (mark, words.startswith("Workers at work 1")) == ("ok", True)
    assert f"{claimed.lease_owner}: 1" in words


def test_what_is_at_a_provider_is_counted_and_a_silent_worker_marked(due, shown):
    Part.objects.update(state="sending", lease_until=now() + timedelta(seconds=9))
    mark, words = shown("in-flight")
    assert (mark, "openai: 1" in words) == ("ok", True)
    age(Part.objects, "lease_until", seconds=40)
    mark, words = shown("in-flight")
    assert (mark, "a worker has been silent for 40 s" in words) == ("look", True)


def test_an_answer_that_is_not_saved_is_marked(due, workspace, shown):
    Part.objects.update(state="received")
    Attempt.objects.create(
        workspace=workspace, part=due, number=1, simulated=True, sent={}, state="received",
        received_at=now() - timedelta(minutes=1),
    )  # fmt: skip
    mark, words = shown("unsaved")
    assert (mark, "the oldest came 60 s ago" in words) == ("look", True)


def test_holds_are_added_up_and_an_old_one_is_marked(due, shown):
    mark, words = shown("holds")
    assert (mark, "1 hold, the oldest 0 s" in words) == ("ok", True)
    assert "is play money" in words
    age(Part.objects, "created_at", hours=2)
    assert shown("holds")[0] == "act"


def test_unknown_outcomes_of_a_day_are_counted_and_lead_to_billing(due, desk, shown):
    Part.objects.update(state="unknown", finished_at=now() - timedelta(hours=23))
    mark, words = shown("unknown")
    assert (mark, words.startswith("Unknown in 24 hours 1 Look at it")) == ("look", True)
    assert "1 of them simulated" in words
    billing = reverse("imagegen:billing")
    assert f'href="{billing}?outcome=unknown&amp;simulated=only"' in desk.get(NOW).text
    Part.objects.update(simulated=False)
    assert f'href="{billing}?outcome=unknown"' in desk.get(NOW).text
    age(Part.objects, "finished_at", hours=25)
    assert shown("unknown")[0] == "ok"


def test_failures_are_told_by_their_code_and_ours_are_marked(due, shown):
    def failed_with(code):
        StepRun.objects.update(
            status="failed", error={"error_code": code, "message": ""}, finished_at=now()
        )

    failed_with("moderation_blocked")
    mark, words = shown("failures")
    assert (mark, "moderation_blocked: 1" in words) == ("ok", True)
    failed_with("outcome_unknown")
    assert shown("failures")[0] == "look"
    failed_with("internal_error")
    assert shown("failures")[0] == "act"
    age(StepRun.objects, "finished_at", minutes=61)
    assert "internal_error:" not in shown("failures")[1]


def test_a_sweep_that_has_stopped_is_marked(db, shown, settings):
    settings.SWEEP_SECONDS = 2
    mark, words = shown("sweep")
    assert (mark, "never" in words) == ("act", True)
    tell_of_round()
    assert shown("sweep")[0] == "ok"
    age(Sweep.objects, "last_round_at", seconds=40)
    assert shown("sweep")[0] == "look"
    age(Sweep.objects, "last_round_at", minutes=3)
    mark, words = shown("sweep")
    assert (mark, f"{settings.NODE}: 3 min ago" in words) == ("act", True)


def test_one_sweep_is_enough(db, shown, settings):
    Sweep.objects.create(node="another", last_round_at=now() - timedelta(days=2))
    tell_of_round()
    assert shown("sweep")[0] == "ok"


def test_machines_that_have_long_gone_are_forgotten(db, settings):
    Sweep.objects.create(node="another", last_round_at=now() - timedelta(days=8))
    tell_of_round()
    tell_of_round()
    assert [sweep.node for sweep in Sweep.objects.all()] == [settings.NODE]


def test_a_round_of_the_sweep_in_which_something_failed_is_none(db):
    assert sweep_once(Outages())

    def refuse(*_):
        raise RuntimeError("the disk is full")

    with connection.execute_wrapper(refuse):
        assert not sweep_once(Outages())


def test_our_time_is_what_the_provider_did_not_take(finished_run, shown):
    at = now()
    Run.objects.update(created_at=at - timedelta(seconds=10))
    Attempt.objects.update(
        started_at=at - timedelta(seconds=9.9),
        received_at=at - timedelta(seconds=0.3),
        finished_at=at,
    )
    assert shown("overhead")[1].startswith(
        "Our time, last hour 400 ms OK 95 %: 400 ms 1 request Half"
    )


def test_what_waited_for_others_of_its_own_step_is_left_out(finished_run, shown):
    Part.objects.update(number=2, at_once=1)
    assert shown("overhead")[1].startswith("Our time, last hour none OK")


def test_our_time_is_told_for_each_day_of_a_week(finished_run, desk):
    age(Attempt.objects, "finished_at", days=2)
    days = last_week(now())
    assert [each.overhead.number for each in days] == [0, 0, 1, 0, 0, 0, 0]
    assert days[0].day == now().date()
    assert "Our time, day by day" in desk.get(PAGE).text


@pytest.mark.parametrize(("share", "mark"), [(0.5, Mark.OK), (0.05, Mark.LOOK), (0.01, Mark.ACT)])
def test_a_disk_that_fills_up_is_marked(share, mark):
    assert room(share) == mark


def questions(client, address):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [each["sql"] for each in asked]


def test_it_asks_as_often_for_much_as_for_nothing(
    desk, image_step, press_run, let_the_hive_work, settings
):
    settings.RUNS_AT_ONCE = 20
    idle = [len(questions(desk, address)) for address in (NOW, PAGE)]
    for _ in range(3):
        press_run(image_step)
    let_the_hive_work()
    for _ in range(3):
        press_run(image_step)
    for run in Run.objects.unfinished():
        advance(run.pk)
    claim_next()
    tell_of_round()
    assert [len(questions(desk, address)) for address in (NOW, PAGE)] == idle
    assert idle[0] <= 11  # who asks takes three of them
    assert not [each for each in questions(desk, NOW) if not each.startswith("SELECT")]


def test_staff_find_it_in_their_menu_and_nobody_else_does(desk, page, workspace):
    assert f'href="{PAGE}"' in desk.get("/account").text
    assert f'href="{PAGE}"' not in page.get("/account").text


def test_the_sweep_command_tells_of_its_rounds(db, settings, monkeypatch):
    """Until it is stopped."""
    settings.SWEEP_SECONDS = 0

    class Stopped(BaseException):
        pass

    def stop(_):
        raise Stopped

    monkeypatch.setattr(SlowScan, "scan_on", stop)
    with pytest.raises(Stopped):
        call_command("sweep")
    assert Sweep.objects.get().node == settings.NODE
