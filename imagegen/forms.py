"""The settings as form fields. Options come from the model's record, rules from the config."""

import copy
from functools import cached_property
from typing import Any

from django import forms
from django.utils.timezone import now

from imagegen import catalogue
from imagegen.catalogue.life import life
from imagegen.catalogue.records import Model, NoPrice
from imagegen.choices import mend, unavailable, validate
from imagegen.config import InvalidSettings
from imagegen.controls import (
    CUSTOM_SIDES,
    Control,
    Option,
    charge_types,
    count_control,
    model_groups,
    setting_control,
)
from imagegen.estimate import Estimate, estimate
from imagegen.past_runs import PastRuns, past_runs
from imagegen.portable import portable
from imagegen.posted import flat, known_model, posted_settings
from imagegen.provider_keys.page import KeyState, key_state
from imagegen.providers import registry
from workflows.models import Step
from workflows.money import Figure

MAX_TEXT = 100_000


class ImageGenerationForm(forms.Form):
    """Fields only carry what was typed; `clean` asks the config, which owns every rule."""

    model = forms.CharField(required=False)
    prompt = forms.CharField(required=False, strip=False, max_length=MAX_TEXT)
    image_count = forms.CharField(required=False)
    charge_type = forms.CharField(required=False)

    def __init__(self, step: Step, data: Any = None) -> None:
        self.workspace_id = step.workspace_id
        self.stored = portable(step.settings)
        posted = posted_settings(data, self.stored) if data is not None else self.stored
        self.settings, self.notes = mend(posted)
        self.custom = {name: data.get(name, "") for name in CUSTOM_SIDES} if data else {}
        super().__init__(flat(self.settings) if data is not None else None)
        self.initial = flat(self.settings)
        for name in self.record.settings:
            self.fields[name] = forms.CharField(required=False)

    @property
    def record(self) -> Model:
        """The model that is chosen, or another while an unknown one is asked for."""
        return known_model(self.settings.get("model"), self.stored)

    def clean(self) -> dict[str, Any]:
        try:
            validate(self.settings)
        except InvalidSettings as invalid:
            for name, sentence in invalid.problems:
                self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data

    def storable(self) -> dict[str, Any]:
        kept = copy.deepcopy(self.settings)
        chosen = kept["by_provider"].get(self.record.provider, {})
        before = self.stored["by_provider"].get(self.record.provider, {})
        for name in self.errors:
            if name in self.stored:
                kept[name] = self.stored[name]
            elif name in before:
                chosen[name] = before[name]
            else:
                chosen.pop(name, None)
        return kept if _is_valid(kept) else self.stored | {"prompt": kept["prompt"]}

    # What the template asks

    @property
    def prompt_text(self) -> str:
        return str(self.settings.get("prompt", ""))

    @property
    def groups(self) -> list[tuple[str, list[Option]]]:
        return model_groups(self.record)

    @property
    def provider_label(self) -> str:
        return registry.get(self.record.provider).label

    @property
    def model_hint(self) -> str:
        """How the model is billed, and what its record says of it."""
        note = "" if self.life else self.record.note
        return " · ".join(filter(None, [self._billed, self.record.remark, note]))

    @property
    def _billed(self) -> str:
        unit = "image" if self.is_billed_per_image else "token"
        return f"Billed per {unit}" if self.record.has_price_on(now().date()) else ""

    @property
    def is_billed_per_image(self) -> bool:
        today = now().date()
        return self.record.has_price_on(today) and "image" in self.record.price_on(today).rates

    @property
    def life(self) -> str:
        return life(self.record, now().date())

    @property
    def is_active(self) -> bool:
        return self.record.status_on(now().date()) == "active"

    @property
    def successor(self) -> Model | None:
        return catalogue.get(self.record.successor) if self.record.successor else None

    @property
    def charge_type_note(self) -> str:
        """What was changed in it because of another choice."""
        return " ".join(note.sentence for note in self.notes if note.field == "charge_type")

    @property
    def charge_types(self) -> list[Option]:
        return charge_types(self.record, self.settings.get("charge_type"), self.personal.missing)

    @cached_property
    def personal(self) -> KeyState:
        return key_state(self.workspace_id, self.record.provider)

    @property
    def tiles(self) -> list[Control]:
        return [control for control in self.controls if control.shape == "tiles"]

    @property
    def options(self) -> list[Control]:
        return [control for control in self.controls if control.shape != "tiles"]

    @cached_property
    def controls(self) -> list[Control]:
        """The controls of the chosen model, in the order of its record."""
        chosen = self.settings["by_provider"].get(self.record.provider, {})
        reasons = unavailable(self.settings)
        typed = [self.custom.get(side, "") for side in CUSTOM_SIDES]
        made = [count_control(self.record, self.settings.get("image_count"))]
        made += [
            setting_control(name, setting, chosen.get(name, setting.default), reasons, typed)
            for name, setting in self.record.settings.items()
        ]
        for control in made:
            control.note = " ".join(
                note.sentence for note in self.notes if note.field == control.name
            )
            control.errors = [str(error) for error in self.errors.get(control.name) or []]
        return made

    @cached_property
    def estimate(self) -> Estimate | None:
        """None while the settings are not valid, or have no price."""
        try:
            return estimate(validate(self.settings), self.prompt_text, now().date())
        except (InvalidSettings, NoPrice):
            return None

    @cached_property
    def past_runs(self) -> PastRuns | None:
        """None while there is no estimate, or too few runs were like what is asked for."""
        if self.estimate is None:
            return None
        return past_runs(self.workspace_id, validate(self.settings), self.settings["charge_type"])

    @property
    def expected(self) -> Figure | None:
        return self.estimate.figure if self.estimate else None


def _is_valid(settings: dict[str, Any]) -> bool:
    try:
        validate(settings)
    except InvalidSettings:
        return False
    return True
