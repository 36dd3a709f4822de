import pytest

from imagegen.providers.words import quotable


@pytest.mark.parametrize(
    "key",
    [
        *("sk-proj-abcDEF123_-x", "sk-ab*****yz", "xai-****abcd", "xai-A1b2C3d4E5f6"),
        *("AIzaSyA-123_4", "AQ.Ab8RN6K-1_x", "AQ.****6K1x", "Bearer abc/g+j="),
    ],
)
def test_a_key_is_never_quoted(key):
    assert quotable(f"Incorrect API key provided: {key} (see the site)") == (
        "Incorrect API key provided: [key] (see the site)"
    )


def test_ordinary_words_stay():
    text = "We are sketching a task: ask for skies. See the FAQ. Grok by xAI."
    assert quotable(text) == text


def test_a_long_text_is_shortened_after_the_keys_are_gone():
    said = quotable("x" * 290 + " sk-abcdefghijklmnop")
    assert (len(said), said[-6:]) == (296, " [key]")
    assert quotable("y" * 1_000_000) == "y" * 299 + "…"


def test_line_breaks_and_control_characters_become_spaces():
    assert quotable("one\r\ntwo\x00three\u202efour\ud800") == "one two three four"
