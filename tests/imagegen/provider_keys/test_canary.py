"""A key is in no log, error, message, page, file or row: only its ciphertext, and its last four
characters where the page Provider keys shows them."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from celery.signals import before_task_publish
from django.db import connection

from imagegen.attempts.veil import SHORTEST
from imagegen.models import ProviderKey
from tests.imagegen.provider_keys.conftest import CANARY
from workflows.models import Run
from workflows.runs.advance import advance

PIECES = {CANARY[at : at + SHORTEST] for at in range(len(CANARY) - SHORTEST + 1)}

# The first two by our settings, whatever LOG_LEVEL says: they quote what a vendor answers. The
# third lists every variable of every template.
HELD_AT_WARNING = ("httpx", "httpcore", "django.template")


class Echo(BaseHTTPRequestHandler):
    """A vendor that quotes the key that it was sent, in every way that it can."""

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        key = self.headers["authorization"].removeprefix("Bearer ")
        self.server.keys.append(key)
        half = len(key) // 2
        said = f"No such key {key}, {key[:half]}…, …{key[half:]}, {key[4:-4]}, Bearer {key}."
        error = {"message": said, "code": self.server.code, "param": key}
        body = json.dumps({"error": error, "key": key}).encode()
        self.send_response(self.server.status, key)
        for name, value in (("x-request-id", f"req-{key}"), ("location", key)):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for at in range(0, len(body), 11):  # cut somewhere in the key
            self.wfile.write(body[at : at + 11])
            self.wfile.flush()

    do_GET = do_POST = answer

    def log_message(self, *_):
        """Silent."""


@pytest.fixture(params=["openai", "xai"])
def provider(request):
    """Each whose runs can be personal."""
    return request.param


@pytest.fixture
def step(provider, workflow, step_of):
    """Asked of this provider, and billed by the workspace's own account there."""
    models = {"openai": "gpt-image-2", "xai": "grok-imagine-image"}
    return step_of(workflow, model=models[provider], charge_type="personal")


@pytest.fixture
def echo(settings, provider):
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.keys, server.status, server.code = [], 401, "invalid_api_key"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        at(settings, provider, f"http://127.0.0.1:{server.server_port}/v1")
        yield server
        server.shutdown()


def at(settings, provider, base_url):
    route = settings.PROVIDER_ROUTES[provider] | {"base_url": base_url, "key": ""}
    settings.PROVIDER_ROUTES = settings.PROVIDER_ROUTES | {provider: route}


@pytest.fixture
def everything_said(caplog, monkeypatch, page, workspace, settings, tmp_path):
    """What logs, messages, answers, rows and files hold by now, as one text."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        if not name.startswith(HELD_AT_WARNING):
            caplog.set_level(logging.DEBUG, logger=name)
    sent, answers = [], []

    def published(**message):
        sent.append((message["body"], message["headers"], message["properties"]))

    before_task_publish.connect(published)
    request = page.request

    def kept(**environ):
        answers.append(request(**environ))
        return answers[-1]

    monkeypatch.setattr(page, "request", kept)

    def said():
        told = [answer.serialize() for answer in answers]
        files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        raw = b"\n".join([caplog.text.encode(), repr(sent).encode(), *told, *files, *rows()])
        return raw.decode("utf-8", "replace")

    yield said
    before_task_publish.disconnect(published)


def rows():
    """Every value of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield repr([bytes(v) if isinstance(v, memoryview) else v for v in row]).encode()


def assert_no_piece_in(text):
    assert [piece for piece in sorted(PIECES) if piece in text] == []


@pytest.fixture
def key_page(page, provider, everything_said):
    def do(action, **fields):
        return page.post(f"/w/acme-shop/keys/{provider}/{action}", fields, follow=True)

    return do


@pytest.fixture
def store_key(key_page):
    def stored(key=CANARY):
        return key_page("store", key=key)

    return stored


@pytest.fixture
def run(
    step,
    press_run,
    page,
    address_of,
    let_the_hive_work,
    django_capture_on_commit_callbacks,
):
    """A personal run, watched to its end."""

    def ran():
        with django_capture_on_commit_callbacks(execute=True):
            press_run(step)
        page.get(address_of(step, "step-output"))
        let_the_hive_work()
        for name in ("step-output", "step-settings", "step-history", "newest-runs"):
            page.get(address_of(step, name))
        page.get(f"/w/acme-shop/workflows/{step.workflow_id}/export")
        return step.runs.latest("run_number")

    return ran


def test_stored_replaced_tested_and_revoked(vendors, store_key, key_page, everything_said):
    store_key()
    store_key()
    key_page("test")
    assert ProviderKey.objects.live().get().last_result == "accepted"
    key_page("revoke")
    assert_no_piece_in(everything_said())


@pytest.mark.parametrize("typed", [f"{CANARY}\n{CANARY}", f"{CANARY}é", CANARY * 20])
def test_typed_wrongly(typed, store_key, everything_said):
    assert store_key(typed).status_code == 422
    assert_no_piece_in(everything_said())


def test_a_run_that_succeeds(vendors, store_key, run, everything_said):
    store_key()
    assert run().status == "succeeded"
    assert_no_piece_in(everything_said())


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "invalid_api_key", "personal_model_invalid_credentials"),
        (400, "invalid_value", "invalid_setting"),
        (500, "server_error", "provider_unavailable"),
        (200, "", "no_image"),
        (302, "", "bad_provider_response"),
    ],
)
def test_a_vendor_that_echoes_it(
    status, code, expected, echo, store_key, run, key_page, everything_said
):
    echo.status, echo.code = status, code
    store_key()
    key_page("test")
    assert run().error["error_code"] == expected
    assert echo.keys == [CANARY, CANARY]
    text = everything_said()
    if status == 200:  # of a good answer only the whole key is taken out: see the veil
        assert CANARY not in text
    else:
        assert_no_piece_in(text)


def test_a_vendor_that_is_not_there(provider, store_key, run, key_page, everything_said, settings):
    at(settings, provider, "http://127.0.0.1:1/v1")
    store_key()
    key_page("test")
    assert run().error["error_code"] == "provider_unavailable"
    assert_no_piece_in(everything_said())


def test_a_master_key_that_is_gone(vendors, store_key, run, key_page, everything_said, settings):
    store_key()
    settings.MASTER_KEYS = ["A" * 43]
    key_page("test")
    assert run().error["error_code"] == "personal_model_invalid_credentials"
    assert_no_piece_in(everything_said())


def test_an_error_of_ours_that_quotes_the_request(
    vendors, store_key, step, press_run, page, key_page, everything_said, monkeypatch
):
    """The worst that a library can do: an exception whose words are the headers."""
    from imagegen.attempts import transport
    from imagegen.attempts.perform import perform_next

    def client():
        class Quoting:
            def stream(self, *given, headers, **more):
                raise RuntimeError(f"could not send {headers}")

        return Quoting()

    store_key()
    monkeypatch.setattr(transport, "client", client)
    press_run(step)
    advance(Run.objects.get().pk)
    assert perform_next() is not None
    page.raise_request_exception = False
    assert key_page("test").status_code == 500
    text = everything_said()
    assert "FailedWithKey: RuntimeError" in text
    assert "transport.py" in text  # where it happened is told
    assert_no_piece_in(text)


def test_an_error_of_ours_while_it_is_stored(store_key, page, everything_said, monkeypatch):
    from imagegen.provider_keys import views

    def store(workspace, provider, key, by):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(views, "store", store)
    page.raise_request_exception = False
    assert store_key().status_code == 500
    assert_no_piece_in(everything_said())
