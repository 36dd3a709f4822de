"""The icon of a state."""

from django import template

from workflows.states import LOOKS

register = template.Library()


@register.filter
def icon_of(look: str) -> str:
    """The template that draws it."""
    return f"icons/{LOOKS[look].icon}.svg"
