"""How the step's templates write amounts, values and shapes."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from imagegen.assets.models import thumbnail_path
from imagegen.billing.prices import Line, total_micro
from workflows.money import dollars, in_column

register = template.Library()

SIDE = 34  # of the square in a tile, in pixels


register.filter("dollars", dollars)
register.filter("in_column", in_column)


@register.filter
def amount(line: Line) -> str:
    return in_column(total_micro([line]))


@register.filter
def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def brief(value: Any) -> str:
    """A value in a few words: objects and lists by what is in them."""
    if isinstance(value, dict):
        return "{" + ", ".join(map(str, value)) + "}"
    if isinstance(value, list):
        return f"{len(value)} item{'' if len(value) == 1 else 's'}"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 120 else f"{text[:119]}…"


@register.filter
def plain(value: Any) -> str:
    """A value as a reference to it would insert it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.filter
def kind(value: Any) -> str:
    """The type of a value in a word that everybody knows."""
    if thumbnail(value):
        return "address"
    names = {str: "text", bool: "yes/no", int: "number", float: "number", list: "list"}
    return names.get(type(value), "object" if isinstance(value, dict) else "nothing")


@register.filter
def thumbnail(value: Any) -> str:
    """The path of the thumbnail, when the value is the address of a stored image."""
    prefix = f"{settings.SITE_URL}/files/"
    if not isinstance(value, str) or not value.startswith(prefix):
        return ""
    token = value.removeprefix(prefix).partition("/")[0]
    return thumbnail_path(token)


@register.filter
def size(number: int) -> str:
    """Bytes as plans are sold: a GB is a thousand million."""
    amount, units = float(number), ["bytes", "KB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:  # what would be written as 1000
        amount, units = amount / 1000, units[1:]
    digits = 0 if units[0] == "bytes" or amount >= 9.95 else 1
    return f"{amount:.{digits}f}".removesuffix(".0") + f" {units[0]}"


@register.filter
def days_left(deleted_at: datetime, kept: timedelta) -> str:
    """How long something stays in the trash."""
    days = max(0, (deleted_at + kept - now()).days)
    return f"{days} day{'' if days == 1 else 's'} left" if days else "goes today"


@register.simple_tag
def shape(option: Any) -> SafeString:
    """A tile's picture, drawn to proportion."""
    width, height = option.width or 1, option.height or 1
    longer = max(width, height)
    return format_html(
        '<svg class="shape{5}" width="{0}" height="{0}" viewBox="0 0 {0} {0}" aria-hidden="true">'
        '<rect x="{1}" y="{2}" width="{3}" height="{4}" rx="3"/></svg>',
        SIDE + 2,
        1 + (SIDE - SIDE * width // longer) // 2,
        1 + (SIDE - SIDE * height // longer) // 2,
        SIDE * width // longer,
        SIDE * height // longer,
        "" if option.width else " open",
    )


@register.simple_tag
def slot_shape(ratio: str) -> SafeString:
    """Keeps the place of an image free in its proportion, without a style of its own."""
    width, height = (int(side) for side in ratio.split(" / "))
    return format_html(
        '<svg class="slot-shape" viewBox="0 0 {} {}" aria-hidden="true"/>', width, height
    )
