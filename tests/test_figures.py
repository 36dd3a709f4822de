"""How `make bench` judges what it has measured."""

import pytest

from benchmarks.figures import Figure, rate

QUICK, SLOW = 0.004, 0.020  # an empty page, on two machines


@pytest.mark.parametrize(
    ("milliseconds", "ratio", "verdict"),
    [(60, 15, "kept"), (61, 15, "kept as a ratio"), (61, 16, "MISSED")],
)
def test_a_page_keeps_its_limit_or_does_so_in_proportion_to_an_empty_one(
    milliseconds, ratio, verdict
):
    assert Figure("Editor", milliseconds, "ms", limit=60, ratio=ratio).verdict == verdict


@pytest.mark.parametrize(
    ("per_second", "empty_seconds", "verdict"),
    [
        (150, QUICK, "kept"),
        (149, QUICK, "MISSED"),
        (149, SLOW, "kept as a ratio"),
        (29, SLOW, "MISSED"),
    ],
)
def test_a_rate_is_at_least_its_limit_or_as_much_lower_as_the_machine_is_slower(
    per_second, empty_seconds, verdict
):
    holds = rate("Holds", per_second, 150, empty_seconds)
    assert holds.verdict == verdict
    assert holds.cells[2] == "≥ 150 a second"


def test_what_needs_a_database_that_is_not_here_is_no_miss():
    billing = Figure("Billing", None, "ms", limit=300, needs="PostgreSQL")
    assert billing.cells == ("Billing", "not measured", "300 ms", "", "needs PostgreSQL")


def test_what_could_have_been_measured_and_was_not_is_a_miss():
    assert Figure("First load", None, "KB", limit=150).verdict == "MISSED"
