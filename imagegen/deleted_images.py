"""Addresses of deleted images in a prompt: they answer 410, so nobody sees what is meant."""

import re
from uuid import UUID

from imagegen.assets.models import Asset, file_path

MEND = "Restore it from the trash of the library or change the reference; then press Run again."
MEND_PURGED = "Change the reference; then press Run again."


def why_refused(prompt: str, workspace_id: UUID) -> str:
    """Names the first deleted image whose address the filled prompt holds, and what to do; empty
    when there is none."""
    if not (tokens := _tokens(prompt)):
        return ""
    gone = Asset.objects.filter(
        workspace_id=workspace_id, token__in=tokens, deleted_at__isnull=False
    )
    asset = gone.select_related("step_run").order_by("id").first()
    if asset is None:
        return ""
    what = f"{asset.file_name} of {asset.step_run.identifier}"
    mend = MEND_PURGED if asset.purged_at else MEND
    return f"The prompt refers to {what}, which was deleted. {mend}"


def _tokens(prompt: str) -> set[str]:
    files = file_path("", "").removesuffix("/")
    return set(re.findall(re.escape(files) + r"([\w-]+)/", prompt))
