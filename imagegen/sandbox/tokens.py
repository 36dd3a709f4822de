"""How many tokens a text has, by the rule of thumb that all vendors give."""

import math


def text_tokens(text: str) -> int:
    return math.ceil(len(text) / 4)
