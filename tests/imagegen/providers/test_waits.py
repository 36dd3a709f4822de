import pytest

from imagegen.providers.waits import retry_after

NOW = "Sun, 22 Nov 2026 14:03:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7.5 "}, 7.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "60"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "60"}, 60),
        ({"retry-after": "Sun, 22 Nov 2026 14:03:07 GMT", "date": NOW}, 7),
        ({"retry-after": "Sun, 22 Nov 2026 15:03:07 +0100", "date": NOW}, 7),
        ({"retry-after": "Tue, 22 Nov 2033 14:03:07 GMT", "date": NOW}, 86_400),
        ({"retry-after": "100000"}, 86_400),
        ({"retry-after": "9" * 400}, 86_400),
    ],
)
def test_a_sensible_hint_is_understood(headers, seconds):
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"retry-after": ""},
        {"retry-after": "-5"},
        {"retry-after": "soon"},
        {"retry-after": "nan"},
        {"retry-after": "inf"},
        {"retry-after": "1e3"},
        {"retry-after": "\N{ARABIC-INDIC DIGIT SEVEN}"},
        {"retry-after-ms": "-1"},
        {"retry-after": "Sun, 22 Nov 2026 14:02:00 GMT", "date": NOW},
        {"retry-after": "Sun, 22 Nov 2026 14:03:07 GMT"},
        {"retry-after": "Sun, 22 Nov 2026 14:03:07 GMT", "date": "today"},
        {"retry-after": "Sun, 99 Nov 99999 14:03:07 GMT", "date": NOW},
        {"retry-after": "Mon, 01 Jan 0001 00:00:00 +2359", "date": NOW},
    ],
)
def test_a_hint_without_sense_is_none(headers):
    assert retry_after(headers) is None
