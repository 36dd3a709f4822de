import logging

import pytest

from fetchhive.logs import WithoutTokens


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Forbidden: /sign-in/abcDEF-123", "Forbidden: /sign-in/…"),
        ("Not Found: /files/0123abcd/hero.png", "Not Found: /files/…/hero.png"),
        ("Not Found: /w/acme/workflows", "Not Found: /w/acme/workflows"),
        ("sent {'Authorization': 'Bearer abc.def'}", "sent {'Authorization': '[key]"),
        ("no such key: sk-proj-0123456789", "no such key: [key]"),
    ],
)
def test_an_address_that_is_a_permission_is_logged_without_what_permits(message, kept):
    record = logging.LogRecord("django", logging.WARNING, "", 0, "%s", (message,), None)
    assert WithoutTokens().filter(record)
    assert record.getMessage() == kept


def test_an_exception_that_quotes_a_key_is_logged_without_it():
    try:
        raise RuntimeError("no such key: sk-proj-0123456789")
    except RuntimeError as error:
        raised = (RuntimeError, error, error.__traceback__)
    record = logging.LogRecord("django", logging.ERROR, "", 0, "it failed", (), raised)
    assert WithoutTokens().filter(record)
    told = logging.Formatter().format(record)
    assert "RuntimeError: no such key: [key]" in told
    assert "0123456789" not in told
