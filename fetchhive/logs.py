"""What is kept out of logs."""

import logging
import re

from imagegen.providers.words import KEY

SECRET = re.compile(r"(/(?:sign-in|files)/)[^/\s?]+")
TRACEBACKS = logging.Formatter()


class WithoutTokens(logging.Filter):
    """Addresses that are permissions are logged without the part that permits, and nothing that
    looks like a provider's key is logged at all."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (told := _without_secrets(message)) != message:
            record.msg, record.args = told, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = TRACEBACKS.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _without_secrets(record.exc_text)
        return True


def _without_secrets(text: str) -> str:
    return KEY.sub("[key]", SECRET.sub(r"\1…", text))
