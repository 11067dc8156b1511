"""Strict JSON schemas: what is wrong with one, how the API makes one strict, and an instance of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
_Path = tuple[str, ...]


def strict_schema_fault(schema: Schema) -> str | None:
    """Why the API refuses the schema under `strict: true`, in its words; None when it takes it."""
    if schema.get("type") != "object":
        kind = schema.get("type")
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    for path, inner in _objects(schema, ()):
        if inner.get("additionalProperties") is not False:
            return f"In context={path!r}, 'additionalProperties' is required to be supplied and to be false."
        names = list(inner.get("properties") or ())
        absent = next((name for name in names if name not in (inner.get("required") or ())), None)
        if absent is not None:
            return (
                f"In context={path!r}, 'required' is required to be supplied and to be an array including every key in properties. "
                f"Missing '{absent}'."
            )
    return None


def made_strict(schema: Schema) -> Schema:
    """The schema as the API rewrites it when `strict` is left out: every argument required, nothing besides them."""
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        return {**schema, "items": made_strict(schema["items"])}
    if schema.get("type") != "object" and "properties" not in schema:
        return schema
    properties = {
        name: made_strict(inner) if isinstance(inner, dict) else inner for name, inner in (schema.get("properties") or {}).items()
    }
    return {**schema, "properties": properties, "required": list(properties), "additionalProperties": False}


def _objects(schema: Schema, path: _Path) -> Iterator[tuple[_Path, Schema]]:
    if schema.get("type") == "object" or "properties" in schema:
        yield path, schema
    for key in ("properties", "$defs", "definitions"):
        for name, inner in (schema.get(key) or {}).items():
            if isinstance(inner, dict):
                yield from _objects(inner, (*path, key, name))
    if isinstance(schema.get("items"), dict):
        yield from _objects(schema["items"], (*path, "items"))
    for index, inner in enumerate(schema.get("anyOf") or ()):
        if isinstance(inner, dict):
            yield from _objects(inner, (*path, "anyOf", str(index)))


def instance(schema: Schema, string_for: Callable[[str], str], name: str = "value", root: Schema | None = None, depth: int = 0) -> Any:
    """The smallest value of the schema; `string_for(property)` says what a free string holds. A schema that contains
    itself ends in null, ten levels down."""
    root = root if root is not None else schema
    if depth == 10:
        return None

    def inner(part: Any, part_name: str) -> Any:
        return instance(part, string_for, part_name, root, depth + 1) if isinstance(part, dict) else None

    if isinstance(schema.get("$ref"), str):
        return inner(_referenced(root, schema["$ref"]), name)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return inner(schema[key][0], name)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {key: inner(part, key) for key, part in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [inner(schema["items"], name)] if isinstance(schema.get("items"), dict) else []
    simple = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": True, "null": None}
    return simple[kind] if kind in simple else string_for(name)


def _referenced(root: Schema, reference: str) -> Schema:
    found: Any = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(step, {}) if isinstance(found, dict) and step else found
    return found if isinstance(found, dict) else {}
