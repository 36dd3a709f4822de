"""What openapi.json says besides the shapes: problems, headers and examples."""

from typing import Any

from workflows.api.problems import MEDIA_TYPE, TITLES, Problem

INTRODUCTION = (
    "Start workflows, follow their runs and read the images that they made. Every request carries"
    " an API key of the workspace as `Authorization: Bearer …`. Every error is a problem (RFC"
    " 9457). Times are UTC; amounts are whole micro-dollars."
)
EVERYWHERE = (401, 404, 405, 500)
# Status: the detail and error code of an example, and what it means.
EXAMPLES: dict[int, tuple[str, str | None, str]] = {
    400: ("The body is not valid JSON.", None, "JSON or Idempotency-Key that cannot be read"),
    401: ("This is no API key, or it was revoked.", None, "No API key, or none that is valid"),
    404: ("There is nothing at this address.", None, "Nothing that the API key may see"),
    405: ("This address answers GET only.", None, "Another method"),
    409: (
        "This Idempotency-Key was sent with another request before.",
        None,
        "The Idempotency-Key belongs to another request",
    ),
    411: ("Send the body with a Content-Length.", None, "A body of unknown length"),
    413: ("The body is larger than Fetch Hive reads.", None, "Too large a body"),
    415: ("Send the body as JSON.", None, "A body that is no JSON"),
    422: ("Product has no value, and no default. Give it one.", "invalid_setting", "To be mended"),
    429: (
        "3 runs of this workflow are going already. Wait until one ends, or cancel one.",
        "rate_limited",
        "Too many runs at once; wait as long as Retry-After says",
    ),
    500: ("Something went wrong on our side.", "internal_error", "Our fault; it was logged"),
}
RUN = "0192f0c1-7d1e-7a55-9a53-0f4f4f7f9b11"
WORKFLOW = "0192f0be-11c4-7cc0-8d5e-3b8f6f2f4c02"
ASSET = {
    "id": "0192f0c2-55aa-7b1f-8c7e-6a2b7f8e1d03",
    "file_url": "https://hive.example/files/9f2c…/hero-image-r12-1.jpeg",
    "file_name": "hero-image-r12-1.jpeg",
    "file_size": 214233,
    "file_type": "image/jpeg",
    "width": 1024,
    "height": 1024,
}
SUMMARY = {
    "id": RUN,
    "number": 12,
    "workflow_id": WORKFLOW,
    "status": "succeeded",
    "is_test": False,
    "created_at": "2026-11-23T09:00:00Z",
    "started_at": "2026-11-23T09:00:00Z",
    "finished_at": "2026-11-23T09:00:38Z",
    "cancel_requested_at": None,
}
STEP: dict[str, Any] = {
    "identifier": "step_1",
    "name": "Hero image",
    "status": "succeeded",
    "output": {
        "settings": {
            "provider": "openai",
            "model": "gpt-image-2",
            "image_count": 1,
            "image_size": "1024x1024",
            "image_quality": "medium",
            "image_background": "auto",
            "image_moderation": "auto",
            "image_output_format": "jpeg",
            "image_output_compression": 70,
        },
        "assets": [ASSET],
    },
    "error": None,
    "warnings": [],
    "charge": {
        "amount_micro": 53000,
        "corrected_micro": 0,
        "list_price_micro": None,
        "currency": "USD",
        "charge_type": "hosted",
        "simulated": False,
    },
    "started_at": "2026-11-23T09:00:00Z",
    "finished_at": "2026-11-23T09:00:38Z",
}
WHOLE = SUMMARY | {"inputs": {"product": "a blue insulated water bottle"}, "steps": [STEP]}
STORED = ASSET | {
    "workflow_id": WORKFLOW,
    "run_id": RUN,
    "run_number": 12,
    "step_identifier": "step_1",
    "simulated": False,
    "created_at": "2026-11-23T09:00:38Z",
}
PRODUCT = {
    "name": "product",
    "label": "Product",
    "type": "text",
    "required": True,
    "default": "",
    "options": [],
}
TO_RUN = {
    "id": WORKFLOW,
    "name": "Product hero images",
    "inputs": [PRODUCT],
    "created_at": "2026-11-20T09:00:00Z",
}
GIVEN = {
    "WorkflowPage": {"items": [TO_RUN], "next_cursor": None},
    "RunAccepted": {"id": RUN, "status": "queued"},
    "WholeRun": WHOLE,
    "RunPage": {"items": [SUMMARY], "next_cursor": None},
    "StoredAsset": STORED,
    "AssetPage": {"items": [STORED], "next_cursor": None},
}
HEADERS = {
    "Location": "The address of the run.",
    "Idempotent-Replayed": "true when the same request was answered before.",
    "Link": 'The next page, as rel="next"; absent on the last one.',
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "Bearer, and what is wrong with it.",
    "Allow": "The methods that there are.",
}
CARRIED = {
    "AssetPage": ("Link",),
    "RunAccepted": ("Location", "Idempotent-Replayed"),
    "RunPage": ("Link",),
    "WorkflowPage": ("Link",),
}
CARRIED_BY_PROBLEM = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",)}


def told(answer: dict[int, type[Any]], *refusals: int) -> dict[str, Any]:
    """What an operation answers, for the decorator of its route."""
    problems = dict.fromkeys(sorted({*EVERYWHERE, *refusals}), Problem)
    return {"response": {**answer, **problems}}


def complete(schema: dict[str, Any]) -> None:
    """Add to what was derived from the code."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                _complete(int(status), response)


def _complete(status: int, response: dict[str, Any]) -> None:
    (content,) = response["content"].values()
    name = content["schema"]["$ref"].rsplit("/", 1)[-1]
    if status < 400:
        response["content"]["application/json"]["example"] = GIVEN[name]
        headers = CARRIED.get(name, ())
    else:
        response["description"] = EXAMPLES[status][2]
        response["content"] = {MEDIA_TYPE: content | {"example": _example(status)}}
        headers = CARRIED_BY_PROBLEM.get(status, ())
    if headers:
        response["headers"] = {each: _header(each) for each in headers}


def _header(name: str) -> dict[str, Any]:
    return {"description": HEADERS[name], "schema": {"type": "string"}}


def _example(status: int) -> dict[str, Any]:
    detail, error_code, _ = EXAMPLES[status]
    errors = [{"field": "inputs.product", "detail": detail}] if status == 422 else []
    return {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "error_code": error_code,
        "errors": errors,
    }
