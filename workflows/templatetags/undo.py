"""The Undo beside a message."""

from django import template
from django.contrib.messages.storage.base import Message

from workflows.undo import UNDO

register = template.Library()


@register.filter
def undo_address(message: Message) -> str:
    """Where Undo posts to; empty when there is nothing to undo."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""
