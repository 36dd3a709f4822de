"""What the log says of a run, and what it never says."""

import json
import logging

import pytest
from structlog.contextvars import get_contextvars

from fetchhive.logs import formatter
from imagegen.attempts import transport
from imagegen.attempts.models import Attempt, Part
from imagegen.attempts.perform import perform_next
from imagegen.attempts.recover import recover
from imagegen.provider_keys.store import store
from workflows.models import Run
from workflows.runs.advance import advance

KEY = "sk-canary-Zq7xW4vR9tY2uP6mK3nB8cD5"
PROMPT = "a canary that sings quietly"
LIFE = ["run accepted", "part claimed", "attempt sending", "answer received", "part settled"]


class Log(logging.Handler):
    """Everything, as it is written."""

    def __init__(self, style):
        super().__init__(logging.DEBUG)
        self.setFormatter(formatter(style))
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))

    @property
    def text(self):
        return "\n".join(self.lines)

    def events(self, *names):
        """Those of ours, in order."""
        told = map(json.loads, self.lines)
        ours = [event for event in told if event["logger"].endswith((".events", "runs.start"))]
        return [event for event in ours if not names or event["event"] in names]


@pytest.fixture
def log_as(settings):
    """As under LOG_LEVEL=DEBUG, and with DEBUG besides."""
    settings.DEBUG = True
    before, handlers = logging.root.level, []

    def log(style):
        handlers.append(Log(style))
        logging.root.addHandler(handlers[-1])
        logging.root.setLevel(logging.DEBUG)
        return handlers[-1]

    yield log
    logging.root.setLevel(before)
    for handler in handlers:
        logging.root.removeHandler(handler)


@pytest.fixture
def press(press_run, image_step, django_capture_on_commit_callbacks):
    def pressed(prompt=PROMPT, step=image_step, **changes):
        with django_capture_on_commit_callbacks(execute=True):
            press_run(step, prompt=prompt, **changes)
        return step.runs.latest("run_number")

    return pressed


@pytest.fixture
def work(let_the_hive_work, django_capture_on_commit_callbacks):
    def worked():
        with django_capture_on_commit_callbacks(execute=True):
            let_the_hive_work()

    return worked


def test_each_event_of_a_run_is_told_once_with_the_ids_of_what_it_is_about(press, work, log_as):
    log = log_as("json")
    step_run = press()
    work()
    events = log.events()
    assert [event["event"] for event in events] == LIFE
    part, attempt = Part.objects.get(), Attempt.objects.get()
    for event in events:
        assert event["level"] == "info"
        assert event["run"] == str(step_run.run_id)
        assert event["workspace"] == str(part.workspace_id)
    assert {event["part"] for event in events[1:]} == {str(part.pk)}
    assert {event["step_run"] for event in events[1:]} == {str(step_run.pk)}
    assert {event["attempt"] for event in events[2:]} == {str(attempt.pk)}
    assert events[-1]["provider_request_id"] == attempt.request_id


def test_the_events_say_how_much_and_how_long(press, work, log_as):
    log = log_as("json")
    press()
    work()
    part, attempt = Part.objects.get(), Attempt.objects.get()
    _, _, sending, received, settled = log.events()
    assert (sending["provider"], sending["model"]) == ("openai", "gpt-image-2")
    assert (received["bytes"], received["status"]) == (attempt.spool_bytes, 200)
    assert received["seconds"] == attempt.seconds
    assert settled["images"] == 1
    lasted = (part.finished_at - part.created_at).total_seconds()
    assert settled["overhead_ms"] == pytest.approx(1000 * (lasted - attempt.seconds), abs=1)


@pytest.mark.django_db(transaction=True)
def test_the_click_is_found_by_the_number_of_its_request(press_run, image_step, log_as):
    log = log_as("json")
    number = press_run(image_step)["X-Request-ID"]
    assert [event["request_id"] for event in log.events("run accepted")] == [number]


def test_what_brought_no_image_says_why(press, work, log_as):
    log = log_as("json")
    press(f"{PROMPT} [[sandbox:moderation_input]]")
    work()
    closed = log.events()[-1]
    assert (closed["event"], closed["level"]) == ("part closed without an image", "info")
    assert (closed["fault"], closed["outcome"]) == (Part.objects.get().fault, "rejected")


def test_an_unknown_outcome_is_a_warning(press, work, log_as):
    log = log_as("json")
    press(f"{PROMPT} [[sandbox:drop_mid_body]]")
    work()
    assert Part.objects.get().state == Part.State.UNKNOWN
    closed = log.events()[-1]
    assert (closed["event"], closed["level"]) == ("part closed without an image", "warning")
    assert closed["outcome"] == "unknown"


def test_an_answer_that_its_worker_could_not_tell_of_is_a_warning(press, sandbox, log_as):
    log = log_as("json")
    step_run = press()
    advance(step_run.run_id)
    perform_next()
    Part.objects.update(state="sending", finished_at=None, lease_until=None, fault="")
    Attempt.objects.update(state="sending", finished_at=None, received_at=None)
    assert recover()
    told = log.events("answer recovered")
    assert [event["level"] for event in told] == ["warning"]
    assert told[0]["attempt"] == str(Attempt.objects.get().pk)


def test_nothing_is_left_of_a_part_for_the_next_work_of_its_thread(press, work):
    press()
    work()
    assert get_contextvars() == {}


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize(
    "marker", ["", "[[sandbox:moderation_input]]", "[[sandbox:drop_mid_body]]"]
)
def test_neither_prompt_nor_key_is_in_the_log(
    style, marker, press, work, log_as, vendors, workspace, author, page
):
    store(workspace, "openai", KEY, author)
    log = log_as(style)
    step_run = press(f"{PROMPT} {marker}", charge_type="personal")
    work()
    assert step_run.parts.get().finished_at
    page.get(f"/w/acme-shop/workflows/{step_run.run.workflow_id}/steps/step_1/output")
    assert "attempt sending" in log.text
    assert "canary" not in log.text
    assert author.email not in log.text


@pytest.mark.parametrize("style", ["json", "text"])
def test_not_even_in_the_traceback_of_an_error_of_ours(
    style, press, log_as, vendors, workspace, author, monkeypatch
):
    class Quoting:
        def stream(self, *given, headers, content, **more):
            raise RuntimeError(f"could not send {headers} {content}")

    monkeypatch.setattr(transport, "client", Quoting)
    store(workspace, "openai", KEY, author)
    log = log_as(style)
    press(charge_type="personal")
    advance(Run.objects.get().pk)
    assert perform_next() is not None
    assert "FailedWithKey: RuntimeError" in log.text
    assert "canary" not in log.text
