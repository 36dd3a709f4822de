"""Assets, read by programs."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router

from imagegen.assets.models import Asset, AssetQuerySet
from imagegen.output import as_output
from workflows.access import run_of_key, workflow_of_key
from workflows.api.description import told
from workflows.api.keys import key_of
from workflows.api.pages import page_of
from workflows.api.shapes import Paging, Shape
from workflows.models import ApiKey

router = Router(tags=["Assets"])
READ = (
    *("token", "file_name", "file_size", "file_type", "width", "height", "simulated", "created_at"),
    *("step_run__identifier", "step_run__run_number", "step_run__run__workflow_id"),
)


class StoredAsset(Shape):
    id: UUID
    file_url: str = Field(description="Needs no key: whoever has the address may fetch the file.")
    file_name: str
    file_size: int
    file_type: str
    width: int
    height: int
    workflow_id: UUID
    run_id: UUID
    run_number: int
    step_identifier: str
    simulated: bool
    created_at: datetime

    @classmethod
    def of(cls, asset: Asset) -> Self:
        step_run = asset.step_run
        return cls(
            **as_output(asset),
            workflow_id=step_run.run.workflow_id,
            run_id=step_run.run_id,
            run_number=step_run.run_number,
            step_identifier=step_run.identifier,
            simulated=asset.simulated,
            created_at=asset.created_at,
        )


class AssetPage(Shape):
    items: list[StoredAsset]
    next_cursor: str | None = Field(description="Null on the last page.")


class AssetFilter(Paging):
    workflow_id: UUID | None = Field(None, description="Made by this workflow only.")
    run_id: UUID | None = Field(None, description="Made by this run only.")


@router.get("/assets", url_name="list-assets", **told({200: AssetPage}, 422))
def list_assets(
    request: HttpRequest, response: HttpResponse, asked: Query[AssetFilter]
) -> AssetPage:
    """The images of the workspace, newest first. Those in the trash are not among them."""
    key = key_of(request)
    assets = _assets(key)
    if asked.workflow_id:
        assets = assets.filter(step_run__run__workflow=workflow_of_key(key, asked.workflow_id))
    if asked.run_id:
        assets = assets.filter(step_run__run=run_of_key(key, asked.run_id))
    rows, cursor = page_of(assets, asked, request, response)
    return AssetPage(items=[StoredAsset.of(row) for row in rows], next_cursor=cursor)


@router.get("/assets/{uuid:id}", url_name="show-asset", **told({200: StoredAsset}))
def show_asset(request: HttpRequest, id: UUID) -> StoredAsset:
    """One image. What was deleted is not found."""
    return StoredAsset.of(get_object_or_404(_assets(key_of(request)), pk=id))


def _assets(key: ApiKey) -> AssetQuerySet:
    assets = Asset.objects.live().filter(workspace=key.workspace_id)
    return assets.select_related("step_run__run").only(*READ)
