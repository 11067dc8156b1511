"""The sentences in which a request is refused. Programs match on them, so each says where it comes from.

*Recorded* means seen in recorded traffic, *reported* pasted by users of the original (or of OpenAI's other endpoints, which
share the validator), *inferred* worded here in the same style because no example was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistants_compat.api.errors import ApiError

JSON_TYPE_NAMES = {
    str: "a string",
    int: "an integer",
    float: "a decimal number",
    bool: "a boolean",
    dict: "an object",
    list: "an array",
    type(None): "null",
}


def listed(values: Sequence[str], conjunction: str) -> str:
    """`'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return f" {conjunction} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {conjunction} {quoted[-1]}"


def invalid_type(path: str, expected: str, value: Any) -> ApiError:
    """Recorded for `metadata.modified`; "a decimal number", "null" and "expected one of … or …" are reported."""
    got = JSON_TYPE_NAMES.get(type(value), "an unsupported value")
    return ApiError(f"Invalid type for '{path}': expected {expected}, but got {got} instead.", param=path, code="invalid_type")


def invalid_body(value: Any) -> ApiError:
    """A body that is JSON but no object. Inferred; `param` is null because there is no parameter to name."""
    got = JSON_TYPE_NAMES.get(type(value), "an unsupported value")
    return ApiError(f"Invalid type for 'body': expected an object, but got {got} instead.", code="invalid_type")


def unreadable_body() -> ApiError:
    """A body that is not JSON. Reported, many times."""
    return ApiError(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
        "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix "
        "this, please contact us through our help center at help.openai.com.)"
    )


def missing(path: str) -> ApiError:
    """Recorded for `tools[0].vector_store_ids`."""
    return ApiError(f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def unknown(path: str) -> ApiError:
    """Reported."""
    return ApiError(f"Unknown parameter: '{path}'.", param=path, code="unknown_parameter")


def unsupported_value(path: str, value: str, supported: Sequence[str]) -> ApiError:
    """Reported."""
    return ApiError(f"Invalid value: '{value}'. Supported values are: {listed(supported, 'and')}.", param=path, code="invalid_value")


def number_above(path: str, kind: str, maximum: float, value: object) -> ApiError:
    """`kind` is "integer" or "decimal". Reported for both."""
    message = f"Invalid '{path}': {kind} above maximum value. Expected a value <= {maximum}, but got {value} instead."
    return ApiError(message, param=path, code=f"{kind}_above_max_value")


def number_below(path: str, kind: str, minimum: float, value: object) -> ApiError:
    """Recorded for `temperature`."""
    message = f"Invalid '{path}': {kind} below minimum value. Expected a value >= {minimum}, but got {value} instead."
    return ApiError(message, param=path, code=f"{kind}_below_min_value")


def string_too_long(path: str, maximum: int, length: int) -> ApiError:
    """Reported for `messages[0].content`."""
    message = f"string too long. Expected a string with maximum length {maximum}, but got a string with length {length} instead."
    return ApiError(f"Invalid '{path}': {message}", param=path, code="string_above_max_length")


def string_empty(path: str) -> ApiError:
    """Reported."""
    message = "string too short. Expected a string with minimum length 1, but got an empty string instead."
    return ApiError(f"Invalid '{path}': {message}", param=path, code="empty_string")


def string_pattern(path: str, pattern: str) -> ApiError:
    """Reported for function names."""
    message = f"string does not match pattern. Expected a string that matches the pattern '{pattern}'."
    return ApiError(f"Invalid '{path}': {message}", param=path, code="invalid_value")


def array_too_long(path: str, maximum: int, length: int) -> ApiError:
    """Reported for `tools`."""
    message = f"array too long. Expected an array with maximum length {maximum}, but got an array with length {length} instead."
    return ApiError(f"Invalid '{path}': {message}", param=path, code="array_above_max_length")


def array_empty(path: str) -> ApiError:
    """Reported."""
    message = "array too short. Expected an array with minimum length 1, but got an empty array instead."
    return ApiError(f"Invalid '{path}': {message}", param=path, code="empty_array")


def too_many_properties(path: str, maximum: int, count: int) -> ApiError:
    """Reported for `metadata`, on POST /threads among others."""
    message = f"Expected an object with at most {maximum} properties, but got an object with {count} properties instead."
    return ApiError(f"Invalid '{path}': too many properties. {message}", param=path, code="object_above_max_properties")


def property_name_too_long(path: str, name: str, maximum: int) -> ApiError:
    """Reported for `metadata`; the name is shortened to its ends in the sentence and whole in `param`."""
    shown = f"{name[:3]}...{name[-3:]}"
    message = f"Expected a string with maximum length {maximum}, but got a string with length {len(name)} instead."
    return ApiError(
        f"Invalid property name in '{path}': '{shown}' is too long. {message}",
        param=f"{path}.{name}",
        code="property_name_above_max_length",
    )


def mutually_exclusive(path: str, first: str, second: str) -> ApiError:
    """Inferred, after the Responses API's sentence for `previous_response_id` and `conversation`."""
    return ApiError(
        f"Mutually exclusive parameters: '{path}.{first}' and '{path}.{second}'. "
        f"Ensure you are only providing one of: '{first}' or '{second}'.",
        param=path,
        code="mutually_exclusive_parameters",
    )


def empty_message(path: str) -> ApiError:
    """Inferred: the original refused such messages, and frameworks guard against it in these words."""
    return ApiError("Message content must be non-empty.", param=path, code="invalid_value")


def unstorable_text(path: str | None, what: str) -> ApiError:
    """Text no store can keep: a NUL character or half a surrogate pair. Inferred."""
    where = f"Invalid '{path}': " if path else ""
    return ApiError(f"{where}string contains {what}. Expected a string of valid Unicode text.", param=path, code="invalid_value")


def too_deep(maximum: int) -> ApiError:
    """Inferred."""
    return ApiError(f"Invalid body: nested too deeply. Expected at most {maximum} levels of nesting.", code="invalid_value")
