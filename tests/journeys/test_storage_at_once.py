"""Fifty people press Run at the same instant, and the plan has room for some of their images."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from imagegen.choices import validate
from imagegen.estimate import reserve_bytes
from imagegen.models import Storage
from tests import databases
from tests.conftest import drawn_form
from tests.journeys.conftest import Hive, own_services, running
from tests.waiting import wait_until
from workflows.models import Run, StepRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

RUNS, ADMITTED = 50, 20
PROMPT = "A jar of honey, number"


@pytest.fixture
def steps(workflow, step_of):
    """One for each run: no step runs so often at once."""
    return [step_of(workflow, f"{PROMPT} {number}") for number in range(RUNS)]


@pytest.fixture
def almost_full(steps, workspace):
    """One byte below the limit still runs: the last that is admitted finds that much left."""
    size = reserve_bytes(validate(steps[0].settings))
    Storage.objects.update(limit=(ADMITTED - 1) * size + 1)


@pytest.fixture
def hive(almost_full, tmp_path):
    """On the database of this test."""
    environment = own_services() | {"DATABASE_URL": databases.address()}
    with running(Hive(tmp_path / "data", environment)) as hive:
        yield hive


@pytest.fixture
def browser(hive):
    """Signed in, and it posts as the pages do."""
    with httpx.Client(base_url=hive.url, timeout=60) as browser:
        browser.get(hive.sign_in_address(), follow_redirects=True)
        browser.headers["X-CSRFToken"] = next(
            value for name, value in browser.cookies.items() if "csrf" in name
        )
        yield browser


@pytest.fixture
def press_run_at_once(browser, steps, address_of):
    """Each by a post of its own; what the web answered."""
    forms = [drawn_form(step) | {"form_key": step.identifier} for step in steps]
    addresses = [address_of(step, "start-step-run") for step in steps]
    together = Barrier(RUNS)

    def press(number):
        together.wait(60)
        return browser.post(addresses[number], data=forms[number]).status_code

    def all_of_them():
        with ThreadPoolExecutor(RUNS) as people:
            return set(people.map(press, range(RUNS)))

    return all_of_them


def planned():
    """Each has a part, or was refused."""
    decided = StepRun.objects.exclude(parts=None) | StepRun.objects.filter(status="failed")
    return decided.distinct().count() == RUNS


def test_as_many_of_fifty_runs_are_sent_as_the_storage_admits(hive, press_run_at_once):
    with hive.waiting():  # no answer frees anything before all are planned
        assert press_run_at_once() == {200}
        wait_until(planned)
    wait_until(lambda: not Run.objects.unfinished().exists())
    assert len(hive.requests_for(PROMPT)) == ADMITTED
    failed = StepRun.objects.filter(status="failed")
    refused = set(failed.values_list("error__error_code", flat=True))
    assert (failed.count(), refused) == (RUNS - ADMITTED, {"asset_storage_limit_reached"})
