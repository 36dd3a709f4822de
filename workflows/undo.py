"""Undo: a message that can be taken back for a while, by a POST to an address of its own."""

from django.contrib import messages
from django.http import HttpRequest

UNDO = "undo:"


def say_with_undo(request: HttpRequest, sentence: str, address: str) -> None:
    """`address` undoes it by POST. The button goes after ten seconds; what it asks for is checked
    and authorised like any other request."""
    messages.success(request, sentence, extra_tags=f"{UNDO}{address}")
