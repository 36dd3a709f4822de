"""Google's envelope for errors, and the refusals that have more than one cause."""

from collections.abc import Sequence
from typing import Any

from imagegen.sandbox.messages import Answer, Refused, json_answer

DEVELOPER_HOST = "generativelanguage.googleapis.com"
BAD_KEY = "API key not valid. Please pass a valid API key."
NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use"
    " API Key or other form of API consumer identity to call this API."
)

Detail = dict[str, Any]


def refusal(code: int, status: str, message: str, details: Sequence[Detail] = ()) -> Answer:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    return json_answer(code, {"error": error | ({"details": list(details)} if details else {})})


def invalid(message: str, details: Sequence[Detail] = ()) -> Refused:
    return Refused(refusal(400, "INVALID_ARGUMENT", message, details))


def invalid_field(name: str, rule: str) -> str:
    """The path is that of the request message, whatever the spelling in the request was."""
    return f"* GenerateContentRequest.{name}: {rule}\n"


def detail(kind: str, **fields: Any) -> Detail:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **fields}


def error_info(reason: str) -> Detail:
    service = {"service": DEVELOPER_HOST}
    return detail("ErrorInfo", reason=reason, domain="googleapis.com", metadata=service)


def no_key() -> Answer:
    return refusal(403, "PERMISSION_DENIED", NO_KEY)


def bad_key() -> Answer:
    translated = detail("LocalizedMessage", locale="en-US", message=BAD_KEY)
    details = [error_info("API_KEY_INVALID"), translated]
    return refusal(400, "INVALID_ARGUMENT", BAD_KEY, details)


def model_gone(model: str, version: str, *, newer_words: bool = False) -> Answer:
    """Both wordings are met; Google Cloud is assumed to use the same."""
    message = (
        f"models/{model} is not found for API version {version}, or is not supported for"
        " generateContent. Call ListModels to see the list of available models and their"
        " supported methods."
    )
    if newer_words:
        message = (
            f"This model models/{model} is no longer available. Please update your code to use a"
            " newer model for the latest features and improvements."
        )
    return refusal(404, "NOT_FOUND", message)
