"""The form that declares an input, and the controls that its values are typed with."""

import re
from typing import Any

from django import forms

from workflows import inputs
from workflows.models import Input
from workflows.models.workflows import INPUT_NAME, STEP_IDENTIFIER

CHANGED_ELSEWHERE = (
    "This input was changed in another tab or by somebody else since you opened it. Your version is"
    " on the screen and not saved. Keep yours, or take theirs."
)


class Lines(forms.CharField):
    """Text of any number of lines, kept as it was typed; line ends as everywhere but in a POST."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


def control(
    input: Input, typed: str, *, placeholder: str = "", empty: str = "No value"
) -> forms.Widget:
    """What a value of this type is typed or chosen with. `empty` is the choice of nothing."""
    attrs = {"placeholder": placeholder}
    if input.type == Input.Type.NUMBER:
        return forms.TextInput({**attrs, "inputmode": "decimal", "autocomplete": "off"})
    if input.type == Input.Type.SELECT:
        return forms.Select(choices=[("", empty), *_choices(input.options, typed)])
    if input.type == Input.Type.JSON_LIST:
        attrs = {"placeholder": placeholder or inputs.JSON_LIST_EXAMPLE}
        return forms.Textarea({**attrs, "rows": 2, "spellcheck": "false"})
    return forms.Textarea({**attrs, "rows": 1})


def _choices(options: list[Any], typed: str) -> list[tuple[str, str]]:
    """The options; what was typed and is none of them is not lost either."""
    known = [str(option) for option in options]
    stray = [(typed, f"{typed} (not an option)")] if typed and typed not in known else []
    return [*((option, option) for option in known), *stray]


def name_problem(input: Input, name: str) -> str:
    """Why an input cannot be called so, or nothing."""
    if not re.fullmatch(INPUT_NAME, name) or re.fullmatch(STEP_IDENTIFIER, name):
        return (
            "A name starts with a small letter, then small letters, digits and _, and is not"
            " step_1 or the like. Try “product”."
        )
    twins = Input.objects.filter(workflow_id=input.workflow_id, name=name)
    if twins.exclude(pk=input.pk).exists():
        return f"Another input is called {name}. Choose another name."
    return ""


class InputForm(forms.Form):
    label = forms.CharField(
        max_length=100, error_messages={"required": "An input needs a label, such as “Product”."}
    )
    name = forms.CharField(
        max_length=60,
        help_text="Small letters, digits and _; used as {{name}}.",
        error_messages={"required": "An input needs a name, such as “product”."},
    )
    type = forms.ChoiceField(choices=Input.Type.choices)
    required = forms.BooleanField(required=False)
    test_value = Lines(help_text="Used when you press Run.")
    default = Lines(help_text="Used when no value is given.")
    example = forms.CharField(required=False, help_text="Shown in the empty field.")
    options = Lines(help_text="One per line.", widget=forms.Textarea({"rows": 2}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, input: Input, data: Any = None, typed: dict[str, Any] | None = None) -> None:
        """`data` was posted to be stored; `typed` is only drawn."""
        self.input = input
        self.conflict = ""
        stored = {name: getattr(input, name) for name in self.base_fields}
        stored["options"] = "\n".join(map(str, input.options))
        prefix = "new" if input._state.adding else str(input.pk)
        super().__init__(data, initial=typed or stored, prefix=prefix)
        self._choose_controls()
        if input._state.adding:
            proposed = {"data-proposes": self["name"].id_for_label}
            self.fields["label"].widget.attrs |= proposed

    def _choose_controls(self) -> None:
        drawn = Input(
            type=self["type"].value() or "",
            example=self["example"].value() or "",
            options=_lines(self["options"].value() or ""),
        )
        for name in ("test_value", "default"):
            typed = str(self[name].value() or "")
            placeholder = drawn.example if name == "test_value" else ""
            self.fields[name].widget = control(drawn, typed, placeholder=placeholder)

    def as_typed(self) -> "InputForm":
        """The same again, judging nothing yet."""
        return InputForm(self.input, typed={name: self[name].value() for name in self.fields})

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if problem := name_problem(self.input, name):
            raise forms.ValidationError(problem)
        return name

    def clean_options(self) -> list[str]:
        return _lines(self.cleaned_data["options"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        declared = Input(
            label=cleaned.get("label", ""),
            type=cleaned.get("type", Input.Type.TEXT),
            options=cleaned.get("options", []),
        )
        for field in ("test_value", "default"):
            try:
                inputs.read(declared, cleaned.get(field, ""))
            except inputs.WrongValue as wrong:
                self.add_error(field, str(wrong))
        return cleaned

    def focus_first_problem(self) -> None:
        for name in list(self.errors)[:1]:
            self.fields[name].widget.attrs["autofocus"] = True


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
