"""Starting a run once, however often a program asks: by Stripe's rules for an Idempotency-Key."""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404

from workflows.api.problems import Refused
from workflows.models import ApiKey, Run, Workflow
from workflows.runs.start import Call, KeyUsedElsewhere, run_workflow

LONGEST = 255
WRITTEN = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")
MARK = "api:"  # no key of a form has a colon: the two never meet
WRONG = (
    f"An Idempotency-Key has 1 to {LONGEST} letters, digits and signs of ASCII, without spaces,"
    " such as a UUID. Send another; nothing was started."
)


def form_key_of(idempotency_key: str | None) -> str:
    """What the database keeps one run for. Without a key each request is one of its own. Raises
    Refused."""
    if idempotency_key is None:
        return MARK + secrets.token_urlsafe(16)
    if not WRITTEN.fullmatch(idempotency_key):
        raise Refused(400, WRONG)
    digest = hashlib.sha256(idempotency_key.encode()).digest()
    return MARK + urlsafe_b64encode(digest).decode().rstrip("=")


def call_of(api_key: ApiKey, inputs: Mapping[str, Any]) -> Call:
    written = json.dumps(inputs, sort_keys=True)
    return Call(api_key, inputs, hashlib.sha256(written.encode()).hexdigest())


def start_once(workflow: Workflow, call: Call, form_key: str) -> tuple[Run, bool]:
    """The run, and whether this is a repetition. A refusal leaves nothing behind, so that the same
    key may be tried again. Raises CannotRun, and Http404 when the workflow is deleted."""
    with transaction.atomic():
        workflow.take_turns()
        earlier = Run.objects.filter(workspace_id=workflow.workspace_id, form_key=form_key).first()
        if earlier:
            return _the_same(earlier, workflow, call), True
        if workflow.deleted_at:
            raise Http404
        return run_workflow(workflow, call, form_key), False


def _the_same(run: Run, workflow: Workflow, call: Call) -> Run:
    if (run.workflow_id, run.request_digest) != (workflow.pk, call.digest):
        raise KeyUsedElsewhere([])
    return run
