from typing import Any

from django import template

from workflows.watching import mark

register = template.Library()


@register.simple_tag(takes_context=True)
def watcher_mark(context: dict[str, Any]) -> str:
    return mark(context["request"])
