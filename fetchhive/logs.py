"""What is kept out of logs."""

import logging
import re

SECRET = re.compile(r"(/(?:sign-in|files)/)[^/\s?]+")


class WithoutTokens(logging.Filter):
    """Addresses that are permissions are logged without the part that permits."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if SECRET.search(message):
            record.msg, record.args = SECRET.sub(r"\1…", message), ()
        return True
