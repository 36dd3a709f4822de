"""What staff type about money. A form that is refused keeps what was typed."""

from typing import Any

from django import forms

from workflows.keys import new_id
from workflows.money import NotMoney, micro_of

MOST_WORDS = 500
MOST_GIGABYTES = 100_000
VERDICTS = (("billed", "The vendor billed it"), ("not_billed", "The vendor did not bill it"))
NO_REASON = {"required": "Give a reason: it is kept with the entry."}


class AmountField(forms.CharField):
    """Dollars as people type them; micro-dollars when it is clean."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return micro_of(text)
        except NotMoney as reason:
            raise forms.ValidationError(str(reason)) from None


class OnceForm(forms.Form):
    """Carries a key of its own, so that a form that is sent twice books once."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=new_id)
    reason = forms.CharField(max_length=MOST_WORDS, error_messages=NO_REASON)


class CorrectionForm(OnceForm):
    amount = AmountField(
        label="Correct to, in dollars",
        error_messages={"required": "Type what the charge should come to, like 0.084."},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    field_order = ("amount", "reason", "form_key")


class RefundForm(OnceForm):
    reason = forms.CharField(
        label="Reason to refund all of it", max_length=MOST_WORDS, error_messages=NO_REASON
    )


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=VERDICTS, label="On the invoice")
    amount = AmountField(
        label="Billed, in dollars",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        max_length=MOST_WORDS, error_messages={"required": "Say where you found that."}
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("verdict") == "billed" and not cleaned.get("amount", 0):
            self.add_error("amount", "Type what the vendor billed, like 0.084.")
        return cleaned


class GrantForm(OnceForm):
    amount = AmountField(
        label="Amount, in dollars",
        error_messages={"required": "Type how much is granted, like 25."},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    purse = forms.ChoiceField(
        label="Wallet", choices=(("real", "Real money"), ("sandbox", "Play money of the sandbox"))
    )
    field_order = ("amount", "purse", "reason", "form_key")

    def clean_amount(self) -> int:
        micro = int(self.cleaned_data["amount"])
        if not micro:
            raise forms.ValidationError("Nothing is no grant. Type an amount, like 25.")
        return micro


class CapForm(forms.Form):
    amount = AmountField(
        label="Most of one month, in dollars; empty for no cap",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class PlanForm(forms.Form):
    gigabytes = forms.IntegerField(
        label="Storage, in GB",
        min_value=0,
        max_value=MOST_GIGABYTES,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Type whole GB, like 5.",
            "invalid": "Type whole GB, like 5.",
            "min_value": "A plan is never negative.",
            "max_value": f"At most {MOST_GIGABYTES:,} GB.",
        },
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note", max_length=MOST_WORDS, error_messages={"required": "The note is empty."}
    )
