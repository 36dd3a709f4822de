import io
import json
import logging
import uuid

import pytest
import structlog

from fetchhive.logs import formatter

FORMATS = ("text", "json")


@pytest.fixture(params=FORMATS)
def logged(request):
    """Says something with a logger of the standard library, and returns what is written."""

    def say(*said, name="django.request", **more):
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        handler.setFormatter(formatter(request.param))
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        try:
            logger.warning(*said, **more)
        finally:
            logger.removeHandler(handler)
        return json_event(written) if request.param == "json" else written.getvalue()

    def json_event(written):
        event = json.loads(written.getvalue())
        return "\n".join([event["event"], event.get("exception", "")])

    return say


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Forbidden: /sign-in/abcDEF-123", "Forbidden: /sign-in/…"),
        ("Not Found: /files/0123abcd/hero.png", "Not Found: /files/…/hero.png"),
        ("Not Found: /w/acme/workflows", "Not Found: /w/acme/workflows"),
        ("sent {'Authorization': 'Bearer abc.def'}", "sent {'Authorization': '[key]"),
        ("no such key: sk-proj-0123456789", "no such key: [key]"),
        ("no broker at redis://hive:pass@broker:6379/0", "no broker at redis://…@broker:6379/0"),
        ("a mail for alice@example.org is lost", "a mail for [e-mail] is lost"),
        ("celery@hive-1.example.org ready.", "celery@hive-1.example.org ready."),
        ("no such key: fhk_0123456789", "no such key: [key]"),
    ],
)
def test_what_permits_is_not_logged(message, kept, logged):
    assert kept in logged("%s", message)


def test_an_exception_that_quotes_a_key_is_logged_without_it(logged):
    secret = "sk-proj-0123456789"
    try:
        raise RuntimeError(f"no such key: {secret}")
    except RuntimeError:
        told = logged("it failed", exc_info=True)
    assert "RuntimeError: no such key: [key]" in told
    assert "test_logs.py" in told  # where it happened
    assert "0123456789" not in told


def written(style, say, **context):
    """What one of our own loggers writes, as a line."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter(style))
    root = logging.getLogger("fetchhive.tests")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        with structlog.contextvars.bound_contextvars(**context):
            say(structlog.stdlib.get_logger("fetchhive.tests"))
    finally:
        root.removeHandler(handler)
    return output.getvalue()


@pytest.mark.parametrize("style", FORMATS)
def test_secrets_are_kept_out_of_every_field_and_of_the_context(style):
    key, token = "sk-proj-0123456789", "/files/0123abcd/hero.png"

    class Quoting:
        def __str__(self):
            return f"Bearer {key}"

    line = written(
        style,
        lambda log: log.info("asked", nested={"headers": [key, (token,)]}, thing=Quoting()),
        request_id=key,
    )
    assert "0123456789" not in line
    assert "0123abcd" not in line
    assert line.count("[key]") == 3


def test_json_has_one_object_per_line_with_who_said_what_and_when():
    part = uuid.uuid4()
    line = written("json", lambda log: log.info("part\nclaimed", seconds=1.5), part=part)
    assert line.count("\n") == 1
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event.pop("process") > 0
    assert event == {
        "event": "part\nclaimed",
        "level": "info",
        "logger": "fetchhive.tests",
        "part": str(part),
        "seconds": 1.5,
    }


def test_text_is_a_sentence_with_what_is_known_after_it():
    line = written("text", lambda log: log.info("part claimed", seconds=1.5), part="7")
    assert line[10] == "T"
    assert line.partition(" ")[2] == "[info] part claimed [fetchhive.tests] seconds=1.5 part=7\n"
