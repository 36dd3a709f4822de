"""Fields of a stranger's answer: what is not as expected is None and spoils nothing beside it."""

from typing import Annotated, Any, TypeVar

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

T = TypeVar("T")


def _or_none(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validated(value)
    except ValidationError:
        return None


def _readable(value: Any, validated: ValidatorFunctionWrapHandler) -> list[Any]:
    """Item by item, so that an odd one is only passed over."""
    items = value if isinstance(value, list) else []
    return [read for item in items for read in _or_none([item], validated) or []]


Loose = Annotated[T | None, WrapValidator(_or_none)]
LooseList = Annotated[list[T], WrapValidator(_readable)]
