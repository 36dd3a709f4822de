"""A workflow as a JSON file: written here, read by `import_file`."""

import json

from django.utils.text import slugify

from workflows import kinds
from workflows.description import describe
from workflows.models import Workflow

FORMAT = "fetchhive.workflow"
VERSION = 1


def export(workflow: Workflow) -> str:
    """Without keys, ids, workspace and runs: only what a description has."""
    described = describe(workflow)
    for step in described.steps:
        step.settings = kinds.get(step.kind).portable(step.settings)
    file = {"format": FORMAT, "version": VERSION, "workflow": described.model_dump(warnings="none")}
    return json.dumps(file, indent=2, ensure_ascii=False) + "\n"


def file_name(workflow: Workflow) -> str:
    return f"{slugify(workflow.name, allow_unicode=True)[:60] or 'workflow'}.json"
