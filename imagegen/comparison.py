"""Every setting of a run as it was asked for, sent, said to be used, and found in the files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imagegen import catalogue
from imagegen.assets.models import Asset
from imagegen.attempts.models import Attempt
from imagegen.catalogue.records import Model
from imagegen.described import labels
from imagegen.journal import Journal

Values = Mapping[str, str]
"""By the name of the setting; a name that is missing was not asked, sent, said or found."""

BENEATH = {"image_output_format": "File format", "image_size": "Dimensions"}
"""What every file has, whether or not its model has a setting for it."""
LEAST_LIKE = 0.97  # vendors round the sides of a ratio to multiples of 16


@dataclass(frozen=True)
class Row:
    label: str
    asked: str
    sent: str
    said: str
    found: str
    mark: str
    """`differs`, or `chosen` where it was left to the model; else empty."""


def comparison(asked: Mapping[str, Any], journal: Journal) -> list[Row]:
    """`asked`: the settings object of the output."""
    record = _record(asked["model"])
    wanted = {name: str(value) for name, value in asked.items() if value is not None}
    wanted.pop("provider", None)
    sent, said, found = _sent(record, journal), _said(journal.attempts), _found(journal.assets)
    named = BENEATH | (labels(record) if record else {})
    return [
        Row(
            label=named.get(name, name),
            asked=wanted.get(name, ""),
            sent=sent.get(name, ""),
            said=said.get(name, ""),
            found=found.get(name, ""),
            mark=_mark(record, name, wanted, sent, said, found),
        )
        for name in dict.fromkeys([*wanted, *sent, *found])
    ]


def revised_prompts(attempts: Iterable[Attempt]) -> list[str]:
    """As a provider said that it had rewritten the prompt."""
    said = (attempt.returned.get("prompt") for attempt in attempts)
    return list(dict.fromkeys(filter(None, said)))


def _record(model: Any) -> Model | None:
    try:
        return catalogue.get(str(model))
    except catalogue.UnknownModel:
        return None


def _sent(record: Model | None, journal: Journal) -> Values:
    """Read from the bodies of the requests; those of one run differ in nothing else. What nobody
    chooses and is always sent is in it, under the provider's names."""
    if record is None or not journal.attempts:
        return {}
    body = dict(_leaves(journal.attempts[-1].sent))
    names = {setting.parameter: name for name, setting in record.settings.items()}
    requests = len({attempt.part_id for attempt in journal.attempts})
    each = f"1 in each of {requests} requests" if requests > 1 else "1"
    sent = {"model": body.get("model", record.wire_id), "image_count": body.get("n", each)}
    sent |= {names[key]: value for key, value in body.items() if key in names}
    return sent | {key: body[key] for key in record.parameters if key in body}


def _leaves(value: Any) -> Iterable[tuple[str, str]]:
    """The values of a body by their own keys, however deep they stand."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, dict):
            yield from _leaves(inner)
        elif not isinstance(inner, list):
            yield key, str(inner)


def _said(attempts: Iterable[Attempt]) -> Values:
    said: dict[str, dict[str, None]] = {}
    for attempt in attempts:
        for name, value in attempt.returned.items():
            said.setdefault(name, {})[str(value)] = None
    return {name: ", ".join(values) for name, values in said.items()}


def _found(assets: Sequence[Asset]) -> Values:
    if not assets:
        return {}
    types = dict.fromkeys(asset.file_type.removeprefix("image/") for asset in assets)
    sizes = dict.fromkeys(f"{asset.width}x{asset.height}" for asset in assets)
    return {
        "image_count": str(len(assets)),
        "image_size": ", ".join(sizes),
        "image_output_format": ", ".join(types),
    }


def _mark(
    record: Model | None, name: str, asked: Values, sent: Values, said: Values, found: Values
) -> str:
    wanted = asked.get(name)
    if wanted is None:
        return ""
    came = [values[name] for values in (said, found) if name in values]
    if wanted == "auto":
        return "chosen" if any(value != "auto" for value in came) else ""
    is_sent = name not in sent or name == "image_count" or _is_same(record, wanted, sent[name])
    return "" if is_sent and all(_is_same(record, wanted, value) for value in came) else "differs"


def _is_same(record: Model | None, wanted: str, value: str) -> bool:
    if record and wanted == record.id:
        return record.is_called(value)
    return wanted == value or _has_ratio(wanted, value)


def _has_ratio(wanted: str, sizes: str) -> bool:
    """Whether each of these sizes, as in 1344x768, has a ratio such as 16:9."""
    across, _, down = wanted.partition(":")
    sides = [size.split("x") for size in sizes.split(", ")]
    if not (across.isdecimal() and down.isdecimal()) or not all(len(each) == 2 for each in sides):
        return False
    asked = int(across) / int(down)
    ratios = [int(width) / int(height) / asked for width, height in sides]
    return all(LEAST_LIKE < ratio < 1 / LEAST_LIKE for ratio in ratios)
