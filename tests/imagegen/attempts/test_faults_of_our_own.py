"""What can break among our own parts: broker, database, disk, and people who change things."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from imagegen.attempts.perform import perform_next
from imagegen.models import Asset, Charge, Part, Wallet
from imagegen.tasks import execute_next_part
from workflows.models import Run, StepRun
from workflows.runs.advance import advance
from workflows.runs.sweep import advance_overdue_runs
from workflows.tasks import execute_run


def let_time_pass(seconds=3):
    Run.objects.update(created_at=F("created_at") - timedelta(seconds=seconds))


def die():
    """The leases of workers that will never write again have run out."""
    Part.objects.update(lease_until=Now() - timedelta(seconds=1))


def wallet_of(workspace):
    return Wallet.objects.get(simulated=True, workspace=workspace)


@pytest.fixture
def database_refuses():
    """Statements that begin like this, while inside."""

    def refuses(beginning):
        def execute(run, sql, *rest):
            if sql.startswith(beginning):
                raise OperationalError("the connection to the database is gone")
            return run(sql, *rest)

        return connection.execute_wrapper(execute)

    return refuses


def test_runs_whose_messages_are_gone_or_come_twice_are_sent_once(
    image_step, press_run, let_the_hive_work, sandbox
):
    press_run(image_step)
    press_run(image_step)
    let_time_pass()
    assert advance_overdue_runs() == 2
    for run in Run.objects.all():
        execute_run(str(run.pk))
    for _ in range(5):
        execute_next_part()
    let_the_hive_work()
    assert {run.status for run in Run.objects.all()} == {"succeeded"}
    assert (len(sandbox.entries()), Charge.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_when_the_database_ends_every_connection_work_goes_on_with_new_ones(
    image_step, press_run, let_the_hive_work, sandbox
):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to lose")
    press_run(image_step)
    run = Run.objects.get()
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError):
        advance(run.pk)
    connection.close()
    assert not Part.objects.exists()
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert (len(sandbox.entries()), Charge.objects.count()) == (1, 1)


LOCK = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
database.execute("COMMIT")
"""


@pytest.mark.django_db(transaction=True)
def test_a_database_that_another_process_locks_is_waited_for(
    image_step, press_run, let_the_hive_work, sandbox
):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite is locked as a whole")
    command = [sys.executable, "-c", LOCK, connection.settings_dict["NAME"], "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "locked\n"
        assert press_run(image_step).status_code == 200
        assert other.wait() == 0  # nothing could be written before
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert len(sandbox.entries()) == 1


def test_an_answer_whose_image_the_database_did_not_take_is_stored_later(
    image_step, press_run, let_the_hive_work, sandbox, database_refuses
):
    press_run(image_step)
    advance(Run.objects.get().pk)
    with database_refuses('INSERT INTO "imagegen_asset"'):
        perform_next()
    assert (Part.objects.get().state, Asset.objects.count()) == ("received", 0)
    die()
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert (len(sandbox.entries()), Charge.objects.count()) == (1, 1)


def test_a_click_that_breaks_off_leaves_nothing_and_can_be_repeated(
    image_step, press_run, let_the_hive_work, sandbox, database_refuses
):
    beginning = f'INSERT INTO "{StepRun._meta.db_table}"'
    with database_refuses(beginning), pytest.raises(OperationalError):
        press_run(image_step, form_key="one-click")
    assert not Run.objects.exists()
    press_run(image_step, form_key="one-click")
    press_run(image_step, form_key="one-click")
    let_the_hive_work()
    assert Run.objects.get().status == "succeeded"
    assert len(sandbox.entries()) == 1


def test_a_run_that_nobody_watches_goes_on_and_is_there_on_return(
    image_step, press_run, let_the_hive_work, author, browser_of, address_of
):
    press_run(image_step)
    let_the_hive_work()
    html = browser_of(author).get(address_of(image_step, "step-output")).text
    assert image_step.runs.get().assets.get().file_name in html
    assert "every 1s" not in html


def test_two_tabs_that_press_run_are_two_runs_and_each_of_them_one(
    image_step, press_run, let_the_hive_work, sandbox
):
    for form_key in ("first-tab", "second-tab", "first-tab", "second-tab"):
        press_run(image_step, form_key=form_key)
    let_the_hive_work()
    assert Run.objects.count() == len(sandbox.entries()) == 2


def test_a_step_that_is_edited_while_it_runs_runs_as_it_was_pressed(
    image_step, press_run, change, let_the_hive_work, sandbox, page, address_of
):
    press_run(image_step, prompt="A red bottle")
    change(image_step, prompt="A green bottle")
    let_the_hive_work()
    (sent,) = sandbox.entries()
    assert sent["body"]["prompt"] == "A red bottle"
    image_step.refresh_from_db()
    assert image_step.settings["prompt"] == "A green bottle"
    assert "Made with earlier settings" in page.get(address_of(image_step, "against-settings")).text


def test_a_workflow_that_is_deleted_while_it_runs_keeps_run_charge_and_images(
    image_step, press_run, page, workflow, let_the_hive_work, sandbox
):
    press_run(image_step)
    advance(Run.objects.get().pk)
    page.post(reverse("workflows:delete-workflow", args=[workflow.workspace.slug, workflow.pk]))
    let_the_hive_work()
    run = Run.objects.get()
    assert run.status == "succeeded"
    assert Asset.objects.live().count() == len(sandbox.entries()) == 1
    assert wallet_of(workflow.workspace).posted == 25_000_000 - Charge.objects.get().amount_micro
