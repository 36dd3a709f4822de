import logging

import pytest

from fetchhive.logs import WithoutTokens


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Forbidden: /sign-in/abcDEF-123", "Forbidden: /sign-in/…"),
        ("Not Found: /files/0123abcd/hero.png", "Not Found: /files/…/hero.png"),
        ("Not Found: /w/acme/workflows", "Not Found: /w/acme/workflows"),
    ],
)
def test_an_address_that_is_a_permission_is_logged_without_what_permits(message, kept):
    record = logging.LogRecord("django", logging.WARNING, "", 0, "%s", (message,), None)
    assert WithoutTokens().filter(record)
    assert record.getMessage() == kept
