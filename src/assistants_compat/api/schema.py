"""Small checks that compose into a description of a request.

A check takes a value and the path it was found at (`tools[0].function.name`), answers with the value in the form the API echoes
it in, or raises an ApiError in the API's own words. Checks are immutable values; the tables built of them are in `parameters`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistants_compat.api.body import parse_body
from assistants_compat.api.errors import wrong_id
from assistants_compat.api.refusals import (
    array_empty,
    array_too_long,
    invalid_body,
    invalid_type,
    listed,
    missing,
    number_above,
    number_below,
    string_empty,
    string_pattern,
    string_too_long,
    unknown,
    unsupported_value,
)

__all__ = [
    "AnyObject",
    "Array",
    "Boolean",
    "ByType",
    "Check",
    "Choice",
    "Decimal",
    "Id",
    "Integer",
    "Nullable",
    "Object",
    "Tagged",
    "Text",
    "parse_body",
]

INT64_MAX = 2**63 - 1


class Check(Protocol):
    """What every kind of check offers."""

    def check(self, value: Any, path: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class AnyObject:
    """An object that is not ours to judge (a JSON schema), passed through untouched."""

    def check(self, value: Any, path: str) -> dict[str, Any]:
        if type(value) is not dict:
            raise invalid_type(path, "an object", value)
        return value


@dataclass(frozen=True, slots=True)
class Text:
    max_length: int | None = None
    min_length: int = 0
    """0 or 1: no parameter of this API asks for more."""
    pattern: re.Pattern[str] | None = None

    def check(self, value: Any, path: str) -> str:
        if type(value) is not str:
            raise invalid_type(path, "a string", value)
        length = len(value)
        if length < self.min_length:
            raise string_empty(path)
        if self.max_length is not None and length > self.max_length:
            raise string_too_long(path, self.max_length, length)
        if self.pattern is not None and self.pattern.fullmatch(value) is None:
            raise string_pattern(path, self.pattern.pattern)
        return value


@dataclass(frozen=True, slots=True)
class Id:
    """An id of one kind, known by its prefix: `asst`, `thread`, `msg`, `run`, `step`, `vs`."""

    prefix: str

    def check(self, value: Any, path: str) -> str:
        if type(value) is not str:
            raise invalid_type(path, "a string", value)
        if not value.startswith(self.prefix):
            raise wrong_id(path, value, self.prefix)
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings."""

    values: tuple[str, ...]

    def check(self, value: Any, path: str) -> str:
        if type(value) is not str:
            raise invalid_type(path, f"one of {listed(self.values, 'or')}", value)
        if value not in self.values:
            raise unsupported_value(path, value, self.values)
        return value


@dataclass(frozen=True, slots=True)
class Boolean:
    def check(self, value: Any, path: str) -> bool:
        if type(value) is not bool:
            raise invalid_type(path, "a boolean", value)
        return value


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number; `3.0` and `true` are none."""

    minimum: int
    maximum: int = INT64_MAX

    def check(self, value: Any, path: str) -> int:
        if type(value) is not int:
            raise invalid_type(path, "an integer", value)
        if value > self.maximum:
            raise number_above(path, "integer", self.maximum, value)
        if value < self.minimum:
            raise number_below(path, "integer", self.minimum, value)
        return value


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number, whole or not, echoed as a float."""

    minimum: int
    maximum: int

    def check(self, value: Any, path: str) -> float:
        if type(value) is not float and type(value) is not int:
            raise invalid_type(path, "a decimal", value)
        if value > self.maximum:
            raise number_above(path, "decimal", self.maximum, value)
        if not value >= self.minimum:
            raise number_below(path, "decimal", self.minimum, value)
        return float(value)


@dataclass(frozen=True, slots=True)
class Nullable:
    """Also takes null, answered with None or with what `instead` makes."""

    inner: Check
    instead: Callable[[], Any] | None = None

    def check(self, value: Any, path: str) -> Any:
        if value is None:
            return None if self.instead is None else self.instead()
        return self.inner.check(value, path)


@dataclass(frozen=True, slots=True)
class Array:
    item: Check
    max_length: int | None = None
    min_length: int = 0
    """0 or 1, as for Text."""
    of: str = "objects"

    def check(self, value: Any, path: str) -> list[Any]:
        if type(value) is not list:
            raise invalid_type(path, f"an array of {self.of}", value)
        length = len(value)
        if length < self.min_length:
            raise array_empty(path)
        if self.max_length is not None and length > self.max_length:
            raise array_too_long(path, self.max_length, length)
        check = self.item.check
        return [check(item, f"{path}[{index}]") for index, item in enumerate(value)]


@dataclass(frozen=True, slots=True)
class Object:
    """An object of named parameters, and nothing besides. At the top of a body the path is empty.

    The answer has the parameters given, in the table's order. What is missing is told before what is unknown, and that before what
    is wrong (inferred).
    `echo` sees the checked parameters of one object together: it applies rules between them, fills defaults and sets the key order.
    """

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    echo: Callable[[dict[str, Any], str], dict[str, Any]] | None = None

    def check(self, value: Any, path: str = "") -> dict[str, Any]:
        if type(value) is not dict:
            raise invalid_type(path, "an object", value) if path else invalid_body(value)
        prefix = f"{path}." if path else ""
        for name in self.required:
            if name not in value:
                raise missing(prefix + name)
        fields = self.fields
        if not value.keys() <= fields.keys():
            raise unknown(prefix + next(name for name in value if name not in fields))
        checked = {name: check.check(value[name], prefix + name) for name, check in fields.items() if name in value}
        return checked if self.echo is None else self.echo(checked, path)


@dataclass(frozen=True, slots=True)
class Tagged:
    """Objects told apart by their `type`. The variants' tables list what else they hold; `type` is put first in the echo."""

    variants: Mapping[str, Object]
    _tag: Choice = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tag", Choice(tuple(self.variants)))

    def check(self, value: Any, path: str) -> dict[str, Any]:
        if type(value) is not dict:
            raise invalid_type(path, "an object", value)
        if "type" not in value:
            raise missing(f"{path}.type")
        tag = self._tag.check(value["type"], f"{path}.type")
        rest = {name: item for name, item in value.items() if name != "type"}
        return {"type": tag, **self.variants[tag].check(rest, path)}


@dataclass(frozen=True, slots=True)
class ByType:
    """One of several checks, chosen by the JSON type of the value (a union in the API's description)."""

    checks: Mapping[type, Check]
    expected: str

    def check(self, value: Any, path: str) -> Any:
        check = self.checks.get(type(value))
        if check is None:
            raise invalid_type(path, self.expected, value)
        return check.check(value, path)
