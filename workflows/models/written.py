"""After an UPDATE of one row."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model


def as_written(row: Model, fields: Mapping[str, Any]) -> None:
    """The row in memory says what was written; what the database computed is read back."""
    computed = [name for name, value in fields.items() if hasattr(value, "resolve_expression")]
    for name in fields.keys() - computed:
        setattr(row, name, fields[name])
    if computed:
        row.refresh_from_db(fields=computed)
