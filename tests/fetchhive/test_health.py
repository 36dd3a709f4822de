import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext

NOBODY_THERE = "redis://:pass-word@127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _looked_at_each_time(settings):
    settings.READY_SECONDS = 0


@pytest.fixture
def broker_that_is_down(settings):
    """Nobody listens at its address."""
    pytest.importorskip("redis")
    from fetchhive.celery import app

    settings.CELERY_BROKER_URL = NOBODY_THERE
    before = app.conf.broker_url
    app.conf.broker_url = app.conf.broker_write_url = NOBODY_THERE
    yield
    app.conf.broker_url = app.conf.broker_write_url = before


def test_a_process_that_answers_is_healthy_without_a_question_to_the_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
    assert "no-store" in answer["Cache-Control"]


def test_with_everything_there_it_is_ready(client, db):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    every = dict.fromkeys(("database", "migrations", "broker", "files"), "ok")
    assert answer.json() == {"status": "ready", "checks": every}
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_a_migration_that_is_not_applied_makes_it_unready(client, db):
    MigrationRecorder(connection).record_unapplied("imagegen", "0001_initial")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unready"
    assert answer.json()["checks"]["migrations"] == "1 not applied: run manage.py migrate"


def test_files_that_cannot_be_stored_make_it_unready(client, db, settings, tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "taken")},
        }
    }
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["files"] == "cannot be written"


def test_a_database_that_is_down_makes_it_unready_and_is_not_named(client, db):
    def gone(*_):
        raise OperationalError("no route to db.internal.example, user hive")

    with connection.execute_wrapper(gone):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "does not answer"
    assert "internal" not in answer.text


def test_without_its_broker_it_goes_on_accepting_runs_and_says_so(client, db, broker_that_is_down):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "runs are accepted" in answer.json()["checks"]["broker"]
    assert "pass-word" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_however_many_ask_it_looks_once_in_a_while(client, db, settings):
    client.get("/readyz")
    settings.READY_SECONDS = 3600
    with CaptureQueriesContext(connection) as asked:
        client.get("/readyz")
    assert len(asked) == 0


def test_over_http_it_answers_whoever_supervises_it_behind_a_proxy(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/readyz").status_code == 200
    assert client.get("/healthz").status_code == 200
