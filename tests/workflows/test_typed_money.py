"""Amounts as they are written and as people type them."""

import pytest

from workflows.money import NotMoney, micro_of


@pytest.mark.parametrize(
    ("typed", "micro"),
    [
        ("0.084", 84_000),
        ("$1,234.50", 1_234_500_000),
        (" $ 25 ", 25_000_000),
        ("0", 0),
        (".5", 500_000),
        ("1,234,567", None),
        ("0.000001", 1),
        ("0.1000000", 100_000),
        ("1000000", 1_000_000_000_000),
    ],
)
def test_an_amount_is_read_to_the_micro_dollar(typed, micro):
    if micro is None:
        with pytest.raises(NotMoney, match="more than"):
            micro_of(typed)
    else:
        assert micro_of(typed) == micro


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1,50", "two ways"),
        ("0,084", "two ways"),
        ("1,234", "two ways"),
        ("12,34.5", "two ways"),
        ("-1", "never negative"),
        ("", "Type an amount"),
        ("$", "Type an amount"),
        (".", "Type an amount"),
        ("1e3", "Type an amount"),
        ("NaN", "Type an amount"),
        ("٣", "Type an amount"),
        ("1 000", "Type an amount"),
        ("0.0000001", "six digits"),
        ("1000000.01", "more than"),
        ("9" * 5000, "more than"),
    ],
)
def test_what_is_no_clear_amount_is_refused_in_a_sentence(typed, words):
    with pytest.raises(NotMoney, match=words):
        micro_of(typed)
