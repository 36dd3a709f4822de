"""Journeys drive `manage.py start` as users do: web, worker, sweep and sandbox as processes."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# For all that is waited for, on a slow and busy machine. When things are well it costs nothing.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
NO_BROWSER = "no Chromium, Chrome or Edge was found; `apt install chromium` or the like mends it"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Hive:
    """A Fetch Hive of its own, started as the README says."""

    def __init__(self, data, environment):
        self.data = data
        self.output = data.parent / "start.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**environment, "FETCHHIVE_DATA": str(data), "PORT": str(self.port)}

    def start(self):
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "start", "--sandbox-latency", "0.2"],
                cwd=REPOSITORY,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(lambda: "Ctrl-C stops everything" in self.output.read_text(), 120)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def sign_in_address(self):
        return next(word for word in self._asked("sign_in").split() if "/sign-in/" in word)

    def check_books(self):
        """Nothing is under way any more: it has stopped."""
        log = self.data / "sandbox.log"
        said = self._asked("check_books", *(["--sandbox-log", str(log)] if log.exists() else []))
        assert said == "The books are right.\n", said

    def _asked(self, *command):
        """What a command says in its surroundings."""
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def requests(self):
        """What the sandbox has read: the truth about what was billed."""
        log = self.data / "sandbox.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def requests_for(self, words):
        return [entry for entry in self.requests() if words in json.dumps(entry["body"])]

    def pid_of(self, word):
        """A process among the children of the supervisor, by a word of its command."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and self._is_child(entry, word):
                return int(entry.name)
        return None

    def _is_child(self, entry, word):
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            return False
        return word.encode() in command and int(parent) == self.process.pid

    def kill_worker(self):
        os.kill(self.pid_of("celery"), signal.SIGKILL)

    def busy(self):
        """The worker takes up nothing."""
        return standing_still(self.pid_of("celery"))

    @contextlib.contextmanager
    def no_place_for_images(self):
        """Where images arrive stands something else."""
        arriving = self.data / "files" / "arriving"
        aside = arriving.with_name("aside")
        arriving.mkdir(parents=True, exist_ok=True)
        arriving.rename(aside)
        arriving.write_text("")
        try:
            yield
        finally:
            arriving.unlink()
            aside.rename(arriving)

    def waiting(self):
        """The provider takes what it is sent, and answers afterwards, however long that is."""
        return standing_still(self.pid_of("sandbox"))


@contextlib.contextmanager
def standing_still(process):
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def own_services():
    """A database and a queue of its own, on the servers that the suite was given."""
    from django.conf import settings

    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    if settings.IS_SQLITE:
        return kept
    import psycopg

    server = os.environ["DATABASE_URL"]
    name = f"hive_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    own = {"DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()}
    return kept | own | own_queue()


def own_queue(first=1):
    """On the Redis that the suite was given; else the built-in one."""
    broker = os.environ.get("JOURNEYS_BROKER_URL")
    if not broker:
        return {}
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) + first
    return {"CELERY_BROKER_URL": urlsplit(broker)._replace(path=f"/{number}").geturl()}


@contextlib.contextmanager
def running(hive):
    """Until it is stopped; then its books must be right."""
    hive.start()
    try:
        yield hive
    finally:
        hive.stop()
    hive.check_books()


@pytest.fixture(scope="session")
def hive(tmp_path_factory):
    with running(Hive(tmp_path_factory.mktemp("hive") / "data", own_services())) as hive:
        yield hive


@pytest.fixture(scope="session")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cookies(browser, hive):
    """Signed in once, by the address that the program prints."""
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(hive.sign_in_address())
    assert "/workflows" in tab.url
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def tab(browser, cookies, hive):
    """A tab of the author's browser. Errors of the console and of the policy fail the test."""
    context = browser.new_context(storage_state=cookies, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    complaints = []
    tab.on("console", lambda said: complaints.append(said.text) if is_error(said) else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.hive = hive
    yield tab
    context.close()
    assert complaints == []


def is_error(said):
    # A refused form is an answer like any other, and a network can be down: the browser reports
    # both all the same.
    reports = "status of (409|422)|ERR_INTERNET_DISCONNECTED|^htmx:(sendError|afterRequest)"
    return said.type == "error" and not re.search(reports, said.text)


@pytest.fixture
def new_workflow(tab):
    """A fresh workflow, open at its one step."""
    tab.goto(sent(tab, "new"))
    return opened(tab)


@pytest.fixture
def new_workflow_by_hand(tab, hive):
    """The same by the button, for the journeys that are about the whole way."""
    tab.goto(hive.url)
    tab.get_by_role("button", name="New workflow", exact=True).click()
    return opened(tab)


@pytest.fixture
def imported(tab):
    """A workflow with these steps, imported from a file and open at one of them. A step is its
    identifier and its prompt."""

    def made(open_at, **prompts):
        steps = [
            {"kind": "image_generation", "name": "Image Generation", "identifier": identifier}
            | {"settings": {"prompt": prompt}}
            for identifier, prompt in prompts.items()
        ]
        workflow = {"name": "Imported", "inputs": [], "steps": steps}
        file = {"format": "fetchhive.workflow", "version": 1, "workflow": workflow}
        content = {"name": "imported.json", "mimeType": "application/json"}
        content["buffer"] = json.dumps(file).encode()
        address = sent(tab, "import", multipart={"file": content})
        tab.context.clear_cookies(name="messages")  # that it was imported
        tab.goto(f"{address}/steps/{open_at}/settings")
        return opened(tab)

    return made


def sent(tab, form, **fields):
    """Sends a form of the list of workflows without showing it; where the program leads then."""
    (token,) = (each["value"] for each in tab.context.cookies() if "csrf" in each["name"])
    answer = tab.request.post(
        f"{tab.hive.url}/w/my-workspace/workflows/{form}",
        headers={"X-CSRFToken": token},
        max_redirects=0,
        **fields,
    )
    assert answer.status == 302
    return tab.hive.url + answer.headers["location"]


def opened(tab):
    """The editor, ready: the field is there before the scripts are."""
    tab.get_by_label("Prompt", exact=True).wait_for()
    tab.wait_for_load_state("load")
    return tab


@pytest.fixture
def words():
    """Words that find this test's requests in the log of the sandbox."""
    return f"bottle number {uuid.uuid4().hex[:10]}"
