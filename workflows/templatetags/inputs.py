"""The controls of the Inputs card."""

from django import template

from workflows.models import Input
from workflows.views.test_values import TestValueForm

register = template.Library()


@register.filter
def test_value_form(input: Input) -> TestValueForm:
    return TestValueForm(input)
