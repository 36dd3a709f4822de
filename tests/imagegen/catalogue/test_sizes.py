import pytest

from imagegen import catalogue
from imagegen.catalogue.checks import setting_problem
from imagegen.catalogue.sizes import broken_rules, dimensions, nearest


def rules():
    return catalogue.get("gpt-image-2").settings["image_size"].custom


def problem(size):
    return setting_problem(catalogue.get("gpt-image-2"), "image_size", size)


@pytest.mark.parametrize(
    "size",
    [
        "1536x864",
        "1792x1024",
        "2560x1440",
        "2880x2880",
        "816x816",
        "3840x1280",
        "1280x3840",
        "auto",
    ],
)
def test_a_size_that_keeps_all_rules_is_made(size):
    assert problem(size) is None


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (
            "1920x1080",
            "1920x1080 cannot be made: both sides must be multiples of 16. Try 1920x1088.",
        ),
        (
            "3856x2144",
            "3856x2144 cannot be made: the longer side must be at most 3840 pixels. Try 3840x2144.",
        ),
        (
            "3840x1264",
            "3840x1264 cannot be made: the longer side must be at most 3 times the shorter."
            " Try 3840x1280.",
        ),
        (
            "800x800",
            "800x800 cannot be made: it must have at least 655,360 pixels in all, not 640,000."
            " Try 816x816.",
        ),
        (
            "3840x2176",
            "3840x2176 cannot be made: it must have at most 8,294,400 pixels in all, not 8,355,840."
            " Try 3840x2160.",
        ),
        (
            "8000x4500",
            "8000x4500 cannot be made: both sides must be multiples of 16; the longer side must be"
            " at most 3840 pixels; it must have at most 8,294,400 pixels in all, not 36,000,000."
            " Try 3840x2160.",
        ),
    ],
)
def test_a_refused_size_names_the_broken_rules_and_the_nearest_legal_size(size, sentence):
    assert problem(size) == sentence


@pytest.mark.parametrize("size", ["0x0", "-16x16", "1024x", "x1024", "x"])
def test_a_custom_size_with_a_side_missing_is_answered_with_what_a_side_may_be(size):
    assert "each a multiple of 16 from 16 to 3840. Try 1536x864." in problem(size)


@pytest.mark.parametrize("size", ["big", "", "1024", 1024, True, [], {}])
def test_what_is_not_a_size_is_answered_with_the_sizes_on_offer(size):
    assert "offers auto, 1024x1024, 1536x1024" in problem(size)
    assert "enter a size such as 1536x864." in problem(size)


def test_every_suggestion_is_itself_legal():
    for width in range(1, 5000, 487):
        for height in range(1, 5000, 311):
            assert not list(broken_rules(*dimensions(nearest(width, height, rules())), rules()))


def test_where_no_size_is_legal_none_is_suggested():
    impossible = rules().model_copy(update={"longest_edge": 160})
    assert nearest(1024, 1024, impossible) is None
