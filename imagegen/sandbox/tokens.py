"""How many tokens a text has, by the rule of thumb that all vendors give."""

import math
from typing import Any


def text_tokens(text: str) -> int:
    return math.ceil(len(text) / 4)


def itemised(asked: int, made: int) -> dict[str, Any]:
    """Tokens of words in and of images out, as OpenAI and xAI write them."""
    return {
        "input_tokens": asked,
        "input_tokens_details": {"text_tokens": asked, "image_tokens": 0},
        "output_tokens": made,
        "output_tokens_details": {"image_tokens": made, "text_tokens": 0},
        "total_tokens": asked + made,
    }
