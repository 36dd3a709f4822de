"""The models on offer, one TOML file each."""

import hashlib
import json
import tomllib
from functools import cache
from pathlib import Path

from imagegen.catalogue.records import Model, Route

FOLDER = Path(__file__).parent


class UnknownModel(KeyError):
    """No record has this id."""


@cache
def models() -> tuple[Model, ...]:
    """All models in the order in which the form lists them."""
    found = sorted(map(_load, FOLDER.glob("*.toml")), key=lambda model: model.position)
    if lost := {model.successor for model in found} - {model.id for model in found} - {""}:
        raise ValueError(f"{min(lost)} is named as a successor and has no record")
    return tuple(found)


def get(model_id: str) -> Model:
    try:
        return _by_id()[model_id]
    except KeyError:
        raise UnknownModel(model_id) from None


def default_model() -> Model:
    return models()[0]


@cache
def routes() -> dict[Route, str]:
    """The provider of each route that a model takes."""
    found = {model.route: model.provider for model in models()}
    names = [route.name for route in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"Records of models do not agree on the route {min(twice)}")
    return found


@cache
def version() -> str:
    """Changes with every change of a record; a run keeps it to say which data it was made with."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@cache
def _by_id() -> dict[str, Model]:
    return {model.id: model for model in models()}


def _load(path: Path) -> Model:
    record = tomllib.loads(path.read_text("utf-8"))
    # By way of JSON, because strict pydantic takes a list for a tuple only there.
    model = Model.model_validate_json(json.dumps(record, default=str))
    if path.name != f"{model.id}.toml":
        raise ValueError(f"{path.name} describes {model.id}; a file is named for its model")
    return model
