"""What providers can do wrong, and the row of the one table that it ends in."""

from itertools import chain

import pytest

from imagegen.errors import Fault

MODELS = {
    "openai": "gpt-image-2",
    "xai": "grok-imagine-image",
    "gemini": "gemini-2.5-flash-image",
}
# What can stand between us and any provider, and what any of them can do wrong.
OF_ANY = [
    ("redirect", Fault.REDIRECTED),
    ("redirect status=301", Fault.REDIRECTED),
    ("redirect status=302", Fault.REDIRECTED),
    ("redirect status=308", Fault.REDIRECTED),
    ("server_error status=500", Fault.PROVIDER_ERROR),
    ("server_error status=502", Fault.PROVIDER_ERROR),
    ("server_error status=503", Fault.PROVIDER_ERROR),
    ("server_error status=504", Fault.PROVIDER_ERROR),
    ("server_error status=520", Fault.PROVIDER_ERROR),
    ("server_error status=529", Fault.PROVIDER_ERROR),
    ("unavailable_once", Fault.PROVIDER_ERROR),
    ("html_502", Fault.PROVIDER_ERROR),
    ("html_200", Fault.ANSWER_UNEXPECTED),
    ("no_content", Fault.NO_IMAGE),
    ("empty_body", Fault.NO_IMAGE),
    ("no_images", Fault.NO_IMAGE),
    ("data_null", Fault.NO_IMAGE),
    ("error_200", Fault.NO_IMAGE),
    ("truncated_json", Fault.ANSWER_UNREADABLE),
    ("base64_corrupt", Fault.IMAGE_DAMAGED),
    ("corrupt_image", Fault.IMAGE_DAMAGED),
    ("bomb", Fault.IMAGE_TOO_LARGE),
    ("svg", Fault.IMAGE_TYPE_REFUSED),
    ("html_image", Fault.IMAGE_TYPE_REFUSED),
    ("animated_gif", Fault.IMAGE_TYPE_REFUSED),
    ("gzip", Fault.ANSWER_UNEXPECTED),
    ("drop_before_headers", Fault.CONNECTION_BROKE),
    ("drop_after_headers", Fault.CONNECTION_BROKE),
    ("drop_mid_body", Fault.CONNECTION_BROKE),
    ("reset", Fault.CONNECTION_BROKE),
    ("reset_mid_body", Fault.CONNECTION_BROKE),
    ("hang", Fault.DEADLINE),
    ("stall", Fault.DEADLINE),
    ("drip_body seconds=0.1", Fault.DEADLINE),
    ("drip_headers seconds=0.1", Fault.DEADLINE),
    ("endless megabytes=30", Fault.ANSWER_TOO_LARGE),
]
# Said by each in its own words.
OF_EACH = [
    ("bad_key", Fault.KEY_REFUSED_HOSTED),
    ("verify", Fault.FORBIDDEN),
    ("moderation_input", Fault.MODERATION_BLOCKED),
    ("moderation_output", Fault.WITHHELD),
    ("rate_limit retry-after=7", Fault.RATE_LIMITED),
    ("rate_limit retry-after=date+7 clock=7200", Fault.RATE_LIMITED),
    ("rate_limit retry-after=date+7 clock=-7200", Fault.RATE_LIMITED),
    ("rate_limit retry-after=-5", Fault.RATE_LIMITED),
    ("rate_limit retry-after-ms=1500", Fault.RATE_LIMITED),
    ("rate_limit retry-after=soon", Fault.RATE_LIMITED),
    ("rate_limit", Fault.RATE_LIMITED),
    ("quota", Fault.OUT_OF_CREDIT_HOSTED),
    ("invalid_option", Fault.INVALID_SETTING),
    ("model_gone", Fault.MODEL_RETIRED),
]
OF_ITS_OWN = {
    "openai": [
        ("text_only", Fault.NO_IMAGE),
        ("slow_down", Fault.RATE_LIMITED),
        ("rate_limit retry-after=86400", Fault.RATE_LIMITED_FOR_LONG),
        ("billing_stop", Fault.OUT_OF_CREDIT_HOSTED),
        ("no_transparency", Fault.INVALID_SETTING),
    ],
    "xai": [
        ("bad_key envelope=nested", Fault.KEY_REFUSED_HOSTED),
        ("bad_key codes=old", Fault.KEY_REFUSED_HOSTED),
        ("moderation_output envelope=nested", Fault.WITHHELD),
        ("moderation_output codes=old", Fault.WITHHELD),
        ("moderation_input codes=old", Fault.MODERATION_BLOCKED),
        ("withheld_in_list", Fault.WITHHELD),
        ("rate_limit envelope=nested", Fault.RATE_LIMITED),
        ("rate_limit_old", Fault.RATE_LIMITED),
        ("rate_limit retry-after=86400", Fault.RATE_LIMITED_FOR_LONG),
        ("quota envelope=nested", Fault.OUT_OF_CREDIT_HOSTED),
        ("quota codes=old", Fault.OUT_OF_CREDIT_HOSTED),
        ("quota_old", Fault.OUT_OF_CREDIT_HOSTED),
        ("unprocessable", Fault.INVALID_SETTING),
        ("model_gone envelope=nested", Fault.MODEL_RETIRED),
        ("model_gone codes=old", Fault.MODEL_RETIRED),
        ("text_only", Fault.NO_IMAGE),
        ("url_instead", Fault.IMAGE_BY_ADDRESS),
        ("url_instead host=10.0.0.1", Fault.IMAGE_BY_ADDRESS),
    ],
    "gemini": [
        ("leaked_key", Fault.KEY_REFUSED_HOSTED),
        ("bad_key wrapped=1", Fault.KEY_REFUSED_HOSTED),
        ("location", Fault.FORBIDDEN),
        ("billing_stop", Fault.OUT_OF_CREDIT_HOSTED),
        ("spend_cap", Fault.OUT_OF_CREDIT_HOSTED),
        ("quota_zero", Fault.OUT_OF_CREDIT_HOSTED),
        ("rate_limit_bare", Fault.RATE_LIMITED),
        ("rate_limit delay=86400s", Fault.RATE_LIMITED_FOR_LONG),
        ("rate_limit delay=0.5s wrapped=1", Fault.RATE_LIMITED),
        *(
            (f"moderation_input reason={reason}", Fault.MODERATION_BLOCKED)
            for reason in ("OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY")
        ),
        *(
            (f"moderation_output reason={reason}", Fault.WITHHELD)
            for reason in (
                "IMAGE_PROHIBITED_CONTENT",
                "IMAGE_RECITATION",
                "SAFETY",
                "PROHIBITED_CONTENT",
                "BLOCKLIST",
                "SPII",
                "RECITATION",
            )
        ),
        *(
            (f"no_image reason={reason}", Fault.NO_IMAGE)
            for reason in ("NO_IMAGE", "IMAGE_OTHER", "OTHER", "MALFORMED_RESPONSE", "NEWER")
        ),
        ("max_tokens", Fault.ANSWER_UNREADABLE),
        ("text_only", Fault.ANSWERED_IN_WORDS),
        ("model_gone words=2", Fault.MODEL_RETIRED),
    ],
}
POLICIES = ("terminate", "continue")


def tried_markers(provider):
    """All that is tried with one provider."""
    failing = (marker for marker, _ in [*OF_ANY, *OF_EACH, *OF_ITS_OWN[provider]])
    forgiven = [*FORGIVEN, *(marker for name, marker in ODD_OF_ITS_OWN if name == provider)]
    return set(chain(failing, forgiven))


def case(is_quick, *values):
    return pytest.param(*values, marks=[] if is_quick else pytest.mark.slow)


def cases():
    """All faults of all providers under both policies; those that differ in nothing but who answers
    or in the policy are quick once, in turn, and else slow."""
    for place, (provider, own) in enumerate(OF_ITS_OWN.items()):
        for number, (marker, fault) in enumerate([*OF_ANY, *OF_EACH, *own]):
            is_its_turn = number >= len(OF_ANY) or number % len(MODELS) == place
            for policy in POLICIES:
                is_quick = is_its_turn and policy == POLICIES[(number + place) % 2]
                yield case(is_quick, provider, marker, fault, policy)


FORGIVEN = [
    "base64_white_space",
    "base64_data_uri",
    "base64_unpadded",
    "wrong_content_type",
    "wrong_format",
    "animated_png",
    "animated_webp",
    "duplicate_headers",
    "long_header",
    "continue_games",
    "other_request",
    "more_images",
    "duplicate_images",
    "usage_missing",
    "usage_negative",
    "usage_huge",
    "usage_text",
    "usage_nan",
]
ODD_OF_ITS_OWN = [
    ("xai", "png"),
    ("xai", "mime_null"),
    ("xai", "redirected"),
    ("xai", "silent_redirect"),
    ("xai", "ticks_off"),
    ("xai", "ticks_missing"),
    ("gemini", "lying_mime"),
    ("gemini", "snake_case"),
    ("gemini", "image_after_text"),
    ("gemini", "thoughts"),
    ("gemini", "details_missing"),
    ("gemini", "text_tokens"),
]
ODD = [
    case(number % len(MODELS) == place, provider, marker)
    for place, provider in enumerate(MODELS)
    for number, marker in enumerate(FORGIVEN)
] + ODD_OF_ITS_OWN

# The faults by the numbers that the sandbox gives them: by which markers of the tables above each
# is tried, or by which functions of test_faults.py. Those that only one provider can have are told.
BY_NUMBER = {
    "F1": ["test_a_provider_whose_name_is_not_found_was_sent_nothing"],
    "F2": ["test_a_provider_that_cannot_be_reached_was_sent_nothing"],
    "F3": ["hang", "stall"],
    "F4": ["drip_body", "drip_headers"],
    "F5": ["drop_before_headers", "reset"],
    "F6": ["drop_after_headers", "drop_mid_body", "reset_mid_body"],
    "F7": ["truncated_json"],
    "F8": ["base64_corrupt", "base64_white_space", "base64_data_uri", "base64_unpadded"],
    "F9": ["wrong_content_type"],
    "F10": ["error_200"],
    "F11": ["html_200"],
    "F12": ["no_content", "empty_body", "no_images", "data_null"],
    "F13": ["test_of_two_images_one_came_and_only_that_one_is_charged"],
    "F14": ["more_images", "test_more_images_than_asked_are_not_kept"],
    "F15": ["moderation_input"],
    "F16": ["moderation_output", "withheld_in_list"],
    "F17": ["text_only", "no_image", "max_tokens"],
    "F18": ["wrong_format", "lying_mime", "png", "mime_null"],
    "F19": ["animated_png", "animated_webp", "animated_gif"],
    "F20": ["corrupt_image"],
    "F21": ["bomb"],
    "F22": ["endless"],
    "F23": ["gzip"],
    "F24": ["svg", "html_image"],
    "F25": ["invalid_option", "no_transparency", "unprocessable"],
    "F26": ["bad_key", "verify", "leaked_key", "location"],
    "F27": ["quota", "quota_old", "quota_zero", "billing_stop", "spend_cap"],
    "F28": ["rate_limit retry-after=7", "test_a_wait_that_ends_well_is_one_charge"],
    "F29": [
        "rate_limit retry-after=date+7",
        "rate_limit retry-after-ms",
        "rate_limit retry-after=-5",
        "rate_limit retry-after=soon",
        "rate_limit retry-after=86400",
        "rate_limit delay",
    ],
    "F30": ["rate_limit", "rate_limit_bare", "rate_limit_old", "slow_down"],
    "F31": ["server_error", "unavailable_once", "html_502"],
    "F32": ["redirect"],
    "F33": ["continue_games", "duplicate_headers", "long_header"],
    "F34": ["duplicate_images", "test_identical_images_are_both_kept"],
    "F35": ["other_request", "redirected", "silent_redirect"],
    "F36": [
        *("usage_missing", "usage_negative", "usage_huge", "usage_text", "usage_nan"),
        *("ticks_off", "ticks_missing", "details_missing", "text_tokens"),
    ],
    "F37": ["url_instead"],
    "F38": ["url_instead host=10.0.0.1"],
    "F39": [
        "rate_limit retry-after=date+7 clock=7200",
        "rate_limit retry-after=date+7 clock=-7200",
    ],
    "F40": ["model_gone"],
}
# Faults that are one provider's own: addresses in place of images, which nobody else sends.
OF_ONE = {"F37": {"xai"}, "F38": {"xai"}}
# What is no fault: other shapes in which a whole answer may come.
SHAPES = {"snake_case", "image_after_text", "thoughts"}
