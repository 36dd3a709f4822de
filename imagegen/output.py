"""The output object of the step, stored once and read with addresses that are built then."""

from collections.abc import Sequence
from typing import Any

from imagegen.assets.models import Asset, file_url
from imagegen.choices import validate
from imagegen.config import InvalidSettings, in_order, output_settings
from workflows.models import StepRun

ASSET_KEYS = ("id", "file_url", "file_name", "file_size", "file_type", "width", "height")


def stored(settings: dict[str, Any], assets: Sequence[Asset]) -> dict[str, Any]:
    """What the row keeps: of an asset's address only the token."""
    return {"settings": settings, "assets": [_stored_asset(asset) for asset in assets]}


def _stored_asset(asset: Asset) -> dict[str, Any]:
    return {
        "id": str(asset.pk),
        "token": asset.token,
        "file_name": asset.file_name,
        "file_size": asset.file_size,
        "file_type": asset.file_type,
        "width": asset.width,
        "height": asset.height,
    }


def as_output(asset: Asset) -> dict[str, Any]:
    """One asset by itself, just as it stands in an output."""
    return _asset(_stored_asset(asset))


def as_read(step_run: StepRun) -> dict[str, Any]:
    """The object that later steps and people see; the same shape when the step failed."""
    if step_run.output is None:
        failed = settings_of(step_run.filled or step_run.settings)
        return {"settings": failed, "assets": [], "error": step_run.error_in_order}
    return {
        "settings": in_order(step_run.output["settings"]),
        "assets": [_asset(each) for each in step_run.output["assets"]],
    }


def _asset(kept: dict[str, Any]) -> dict[str, Any]:
    asset = {**kept, "file_url": file_url(kept["token"], kept["file_name"])}
    return {key: asset[key] for key in ASSET_KEYS}


def sample(settings: dict[str, Any]) -> dict[str, Any]:
    """The keys that a run will bring, without values."""
    asset = dict.fromkeys(ASSET_KEYS)
    return {"settings": settings_of(settings), "assets": [asset]}


def settings_of(settings: dict[str, Any]) -> dict[str, Any]:
    try:
        return output_settings(validate(settings))
    except InvalidSettings:
        return {"model": settings.get("model")}
