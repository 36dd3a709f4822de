"""When to come back, as the headers of a refusal say it: well, badly or not at all."""

import time
from email.utils import formatdate

from imagegen.sandbox.markers import Arguments
from imagegen.sandbox.messages import Answer

HINTS: Arguments = {"retry-after": "", "retry-after-ms": "", "clock": 0.0}


def with_hints(answer: Answer, arguments: Arguments) -> Answer:
    """`retry-after=date+7` is an HTTP date in 7 s by our clock, which is `clock` seconds off."""
    now = time.time() + float(arguments["clock"])
    hint = str(arguments["retry-after"])
    if hint.startswith("date"):
        hint = formatdate(now + _seconds_behind(hint), usegmt=True)
    headers = {"retry-after": hint, "retry-after-ms": str(arguments["retry-after-ms"])}
    for name, value in headers.items():
        answer = answer.with_header(name, value) if value else answer
    return answer.with_header("Date", formatdate(now, usegmt=True))


def _seconds_behind(hint: str) -> float:
    try:
        return float(hint.removeprefix("date"))
    except ValueError:
        return 0.0
