"""How logs are written, and what is kept out of them."""

import logging
import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from imagegen.providers.words import KEY

API_KEY = re.compile(r"\bfhk_[A-Za-z0-9]{4,}")
TOKEN = re.compile(r"(/(?:sign-in|files)/)[^/\s?]+")
PASSWORD = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]+(?=@)")
E_MAIL = re.compile(r"(?!celery@)\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")  # workers are called celery@node

KNOWN_OF_ALL: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.format_exc_info,
)


def configure(config: dict[str, Any]) -> None:
    """What our own loggers say takes the same way as what those of libraries say."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.config.dictConfig(config)


def formatter(style: str) -> logging.Formatter:
    """`json`: an object per line; `text`: for people."""
    is_json = style == "json"
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            *KNOWN_OF_ALL,
            *([_with_process] if is_json else []),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_secrets,
            structlog.processors.JSONRenderer() if is_json else _for_people(),
        ]
    )


def _for_people() -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=False,
        pad_event_to=0,
        pad_level=False,
        sort_keys=False,
        exception_formatter=structlog.dev.plain_traceback,  # others show the values of variables
    )


def _with_process(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["process"] = event["_record"].process
    return event


def _without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Addresses that are permissions are logged without the part that permits, and no key of a
    provider or of ours, no password of an address and no e-mail address is logged at all."""
    return {name: _fit(value) for name, value in event.items()}


def _fit(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        return {_told(str(name)): _fit(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_fit(each) for each in value]
    return _told(str(value))


def _told(text: str) -> str:
    text = TOKEN.sub(r"\1…", PASSWORD.sub("…", text))
    return E_MAIL.sub("[e-mail]", KEY.sub("[key]", API_KEY.sub("[key]", text)))
