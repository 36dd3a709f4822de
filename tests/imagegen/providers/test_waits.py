import pytest

from imagegen.providers.waits import retry_after, retry_delay

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


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("41s", 41), ("1.5s", 1.5), ("0s", 0), ("86401s", 86_400), ("41.000000001s", 41.000000001)],
)
def test_a_delay_in_words_of_google_is_understood(said, seconds):
    assert retry_delay(said) == seconds


@pytest.mark.parametrize("said", ["", "s", "41", "-41s", "41ms", "1e3s", "soons", "41ss", "nans"])
def test_a_delay_without_sense_is_none(said):
    assert retry_delay(said) is None
