"""Fields of a stranger's answer: what is not as expected is None and spoils nothing beside it."""

from typing import Annotated, Any, TypeVar

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

T = TypeVar("T")


def _or_none(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validated(value)
    except ValidationError:
        return None


Loose = Annotated[T | None, WrapValidator(_or_none)]
