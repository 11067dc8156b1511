"""Dotted names of everything there is: in the api's tables of parameters, in the SDK's types, in JSON that was sent. Pure.

One notation for all three: `tools[].function.name`. Alternatives (a union, a tagged object) are written over each other: their names
are those of all of them together. What the API does not look into (metadata, a JSON schema) is a leaf.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import openai

from assistants_compat.api import schema
from assistants_compat.api.parameters.messages import PlainContent
from assistants_compat.api.parameters.queries import Query

Values = frozenset[str]
Names = dict[str, Values]
"""Each name, with the strings that may stand there where they are a closed set."""

OPAQUE = frozenset({"metadata", "parameters", "schema", "attributes", "hybrid_search"})


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _merged(pairs: Iterator[tuple[str, Values]]) -> Names:
    names: Names = {}
    for name, values in pairs:
        names[name] = names.get(name, frozenset()) | values
    return names


# -- what the api takes


def of_body(check: schema.Object) -> Names:
    """Every parameter that a body may have."""
    return _merged(_of_check(check, ""))


def of_query(query: Query) -> Names:
    """Every parameter of a query string."""

    def pairs() -> Iterator[tuple[str, Values]]:
        for name, (check, _) in query.fields.items():
            yield from _of_check(check, name)
        if query.include:
            yield "include[]", frozenset(query.include)

    return _merged(pairs())


def _of_check(check: Any, path: str) -> Iterator[tuple[str, Values]]:
    if path:
        yield path, frozenset()
    match check:
        case schema.Nullable():
            yield from _of_check(check.inner, path)
        case schema.Array():
            yield from _inside(check.item, f"{path}[]")
        case schema.Object():
            for name, inner in check.fields.items():
                yield from _of_check(inner, _join(path, name))
        case schema.Tagged():
            yield f"{path}.type", frozenset(check.variants)
            for variant in check.variants.values():
                yield from _inside(variant, path)
        case schema.ByType():
            for inner in check.checks.values():
                yield from _of_check(inner, path)
        case schema.Choice():
            yield path, frozenset(check.values)
        case PlainContent():
            pass


def _inside(check: Any, path: str) -> Iterator[tuple[str, Values]]:
    """The same without the path itself, which is no parameter: an element of an array, a variant of an object."""
    return ((name, values) for name, values in _of_check(check, path) if name != path)


# -- what the SDK has


def of_sdk(kind: Any) -> Names:
    """Every key of a TypedDict or model of the SDK's, or of several in a union."""
    return _merged(_of_type(kind, ""))


def _of_type(kind: Any, path: str) -> Iterator[tuple[str, Values]]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    name_of = getattr(kind, "__name__", "")
    if origin is typing.Literal:
        yield path, frozenset(value for value in arguments if isinstance(value, str))
    elif origin in (typing.Annotated, typing.Required, typing.NotRequired) or str(origin).endswith(("Required", "NotRequired")):
        yield from _of_type(arguments[0], path)
    elif origin in (typing.Union, types.UnionType):
        for argument in arguments:
            yield from _of_type(argument, path)
    elif isinstance(origin, type) and not issubclass(origin, Mapping) and origin is not dict and arguments:  # a list of some kind
        yield from _of_type(arguments[0], f"{path}[]")
    elif isinstance(kind, type) and issubclass(kind, openai.BaseModel):
        yield from _of_fields({name: field.annotation for name, field in kind.model_fields.items()}, path)
    elif hasattr(kind, "__required_keys__") and name_of:
        yield from _of_fields(typing.get_type_hints(kind, include_extras=True), path)


def _of_fields(fields: Mapping[str, Any], path: str) -> Iterator[tuple[str, Values]]:
    for name, kind in fields.items():
        full = _join(path, {"schema_": "schema"}.get(name, name))
        yield full, frozenset()
        if name not in OPAQUE:
            yield from ((found, values) for found, values in _of_type(kind, full) if not found.endswith("[]"))


# -- what was sent


def of_json(value: Any, path: str = "") -> Iterator[str]:
    """Every name in an object that was sent."""
    if isinstance(value, dict):
        for key, item in value.items():
            full = _join(path, key)
            yield full
            if key not in OPAQUE:
                yield from of_json(item, full)
    elif isinstance(value, list):
        for item in value:
            yield from of_json(item, f"{path}[]")


Walker = Callable[[Any], Names]
