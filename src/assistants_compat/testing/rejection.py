"""The API's refusals of a request, in its words; a check raises one and `strictness.check` hands it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from assistants_compat.testing.answers import HttpError


class Rejected(Exception):
    def __init__(self, message: str, *, code: str | None, param: str | None, status: int = 400) -> None:
        super().__init__(message)
        self.error = HttpError(status, message, code, param=param)


def kind_of(value: Any) -> str:
    """What the API calls a JSON value's type."""
    if value is None:
        return "null"
    kinds = ((bool, "a boolean"), (int, "an integer"), (float, "a decimal"), (str, "a string"), (list, "an array"))
    return next((word for kind, word in kinds if isinstance(value, kind)), "an object")


def listing(values: Sequence[str]) -> str:
    """'a' | 'a' and 'b' | 'a', 'b', and 'c'"""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


def invalid_type(param: str, expected: str, value: Any) -> Rejected:
    instead = "an empty object" if value == {} else kind_of(value)
    return Rejected(f"Invalid type for '{param}': expected {expected}, but got {instead} instead.", code="invalid_type", param=param)


def missing(param: str) -> Rejected:
    return Rejected(f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param)


def unknown_parameter(param: str) -> Rejected:
    return Rejected(f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)


def invalid_value(param: str, value: object, supported: Sequence[str]) -> Rejected:
    return Rejected(f"Invalid value: '{value}'. Supported values are: {listing(supported)}.", code="invalid_value", param=param)


def pattern_mismatch(param: str, pattern: str) -> Rejected:
    sentence = f"Invalid '{param}': string does not match pattern. Expected a string that matches the pattern '{pattern}'."
    return Rejected(sentence, code="invalid_value", param=param)


def too_long(param: str, limit: int, length: int) -> Rejected:
    sentence = (
        f"Invalid '{param}': string too long. Expected a string with maximum length {limit}, but got a string with length {length} instead."
    )
    return Rejected(sentence, code="string_above_max_length", param=param)


def array_too_long(param: str, limit: int, length: int) -> Rejected:
    sentence = (
        f"Invalid '{param}': array too long. Expected an array with maximum length {limit}, but got an array with length {length} instead."
    )
    return Rejected(sentence, code="array_above_max_length", param=param)


def empty_array(param: str) -> Rejected:
    sentence = f"Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return Rejected(sentence, code="empty_array", param=param)


def out_of_range(param: str, value: float, bound: float, *, below: bool) -> Rejected:
    """`bound` is written as given: 0 and 2 for temperature, 16 for max_output_tokens."""
    kind = "integer" if isinstance(value, int) and isinstance(bound, int) and param not in ("temperature", "top_p") else "decimal"
    side, comparison, word = ("below minimum", ">=", "below_min") if below else ("above maximum", "<=", "above_max")
    sentence = f"Invalid '{param}': {kind} {side} value. Expected a value {comparison} {bound}, but got {value} instead."
    return Rejected(sentence, code=f"{kind}_{word}_value", param=param)


# ------------------------------------------------------------------------------------------------ checks shared by all parts


def one_of(param: str, value: Any, supported: Sequence[str]) -> None:
    if not isinstance(value, str):
        raise invalid_type(param, "a string", value)
    if value not in supported:
        raise invalid_value(param, value, supported)


def text(param: str, value: Any, limit: int | None = None) -> str:
    if not isinstance(value, str):
        raise invalid_type(param, "a string", value)
    if limit is not None and len(value) > limit:
        raise too_long(param, limit, len(value))
    return value


def only_keys(path: str, value: dict[str, Any], allowed: Collection[str]) -> None:
    for key in value:
        if key not in allowed:
            raise unknown_parameter(f"{path}.{key}" if path else key)


def required(path: str, value: dict[str, Any], *keys: str) -> None:
    for key in keys:
        if key not in value:
            raise missing(f"{path}.{key}" if path else key)
