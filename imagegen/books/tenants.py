"""Every row belongs to the workspace of the rows that it hangs on."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import F, ForeignKey, Model

from imagegen.books.laws import law
from workflows.models import Workspace

ROOMS = ("workflows", "imagegen")


@law("tenants", "a child row has its parent's workspace")
def children_stay_at_home() -> Iterator[str]:
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS or not _has_workspace(model):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey) and _has_workspace(field.related_model):
                yield from _strays(model, field.name)


def _has_workspace(model: type[Model]) -> bool:
    fields = {field.name: field for field in model._meta.get_fields()}
    workspace = fields.get("workspace")
    return isinstance(workspace, ForeignKey) and workspace.related_model is Workspace


def _strays(model: type[Model], parent: str) -> Iterator[str]:
    rows = model._default_manager.filter(**{f"{parent}__isnull": False})
    for row in rows.exclude(workspace=F(f"{parent}__workspace"))[:20]:
        yield f"{model._meta.label} {row.pk}: its {parent} is of another workspace"
