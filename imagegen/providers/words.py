"""A provider's own words, fit to be stored and quoted."""

import re

LIMIT = 300
# Vendors echo the key in their refusals, masked or not: "Incorrect API key provided: sk-ab***yz".
# Google's begin with AIza, its newer ones with AQ and a dot.
KEY = re.compile(r"\b(?:sk[-_]|xai[-_]|AIza|AQ\.)[-_A-Za-z0-9*.]{4,}|\bBearer\s+\S+", re.IGNORECASE)


def quotable(text: str, limit: int = LIMIT) -> str:
    """One line without keys and without characters that databases or terminals trip over."""
    # A vendor's message is a few hundred characters; the rest of a huge one is not worth reading.
    printable = "".join(c if c.isprintable() else " " for c in text[: 20 * LIMIT])
    line = " ".join(KEY.sub("[key]", printable).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
