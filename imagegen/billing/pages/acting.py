"""How staff change something on a page of billing: one form each, by its name."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from workflows.access import person
from workflows.models import User

logger = logging.getLogger(__name__)


class NotDone(Exception):
    """With the reason, in a sentence."""


@dataclass(frozen=True)
class Action:
    form: type[forms.Form]
    act: Callable[[Any, dict[str, Any], User], str]
    """Takes what the page is about, what was typed and by whom; returns what was done, in a
    sentence. May raise NotDone."""


@dataclass(frozen=True)
class Refused:
    """What was typed stays on the page."""

    forms: dict[str, forms.Form]
    reason: str = ""


def carry_out(request: HttpRequest, name: str, action: Action, subject: Any) -> Refused | None:
    """None when it was done; the next page says so."""
    form = action.form(request.POST, prefix=name)
    if not form.is_valid():
        return Refused({name: _at_its_first_error(form)})
    try:
        sentence = action.act(subject, form.cleaned_data, person(request))
    except NotDone as reason:
        return Refused({name: form}, str(reason))
    logger.info("%s of %r, by %s: %s", name, subject, person(request).pk, sentence)
    messages.success(request, sentence)
    return None


def _at_its_first_error(form: forms.Form) -> forms.Form:
    """It may stand far down the page: the browser goes there."""
    wrong = next((field for field in form.fields if field in form.errors), None)
    if wrong:
        form.fields[wrong].widget.attrs["autofocus"] = True
    return form


def forms_of(
    actions: dict[str, Action],
    refused: Refused | None,
    now_set: dict[str, dict[str, Any]] | None = None,
) -> dict[str, forms.Form]:
    """`now_set`: what the fields of each begin with."""
    begin = now_set or {}
    fresh = {name: act.form(prefix=name, initial=begin.get(name)) for name, act in actions.items()}
    return fresh | (refused.forms if refused else {})
