"""One tool as responses.create takes it: flat, with the stores and files of tool resources inside.

    {"type": "function", "function": {"name": "f", "parameters": p}}
        →  {"type": "function", "name": "f", "parameters": p, "strict": False}
    {"type": "file_search"}         →  {"type": "file_search", "vector_store_ids": ["vs_1"]}
    {"type": "code_interpreter"}    →  {"type": "code_interpreter", "container": {"type": "auto"}}

`strict` is written out because responses.create takes a function without it as strict, which changes what is optional.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from assistants_codemods.building import entries, text_of
from assistants_codemods.responses._flattening import flattened, with_entries, with_value

KINDS = ("function", "code_interpreter", "file_search", "retrieval")
NO_PARAMETERS = '{"type": "object", "properties": {}}'


@dataclass(frozen=True)
class Resources:
    """What the built-in tools of an assistant may use, as expressions that are written out."""

    stores: cst.BaseExpression | None = None
    files: cst.BaseExpression | None = None


NO_RESOURCES = Resources()


def flat_tool(node: cst.Dict, resources: Resources = NO_RESOURCES) -> cst.Dict:
    """A tool that is written out, as responses.create takes it. It has been found to be one by `is_tool`."""
    found = entries(node) or {}
    kind = text_of(found.get("type"))
    if kind == "function":
        return _flat_function(node, found["function"]) if "function" in found else node
    if kind == "code_interpreter":
        container: list[tuple[str, cst.BaseExpression]] = [("type", cst.SimpleString('"auto"'))]
        if resources.files is not None:
            container.append(("file_ids", resources.files.deep_clone()))
        return with_entries(node, [("container", with_entries(cst.Dict([]), container))])
    flat = flattened(node, "file_search")
    if kind == "retrieval":
        flat = with_value(flat, "type", cst.SimpleString('"file_search"'))
    options = (entries(flat) or {}).get("ranking_options")
    if isinstance(options, cst.Dict) and "ranker" in (entries(options) or {}):
        # The Assistants API's ranker is gone; "auto" stands for it.
        flat = with_value(flat, "ranking_options", with_value(options, "ranker", cst.SimpleString('"auto"')))
    assert resources.stores is not None
    return with_entries(flat, [("vector_store_ids", resources.stores.deep_clone())])


def _flat_function(node: cst.Dict, function: cst.BaseExpression) -> cst.Dict:
    if not isinstance(function, cst.Dict):
        more = [("strict", cst.Name("False"))]
        place = next(i for i, e in enumerate(node.elements) if isinstance(e, cst.DictElement) and text_of(e.key) == "function")
        strict = cst.DictElement(cst.SimpleString('"strict"'), more[0][1], comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        elements = [*node.elements[:place], strict, *node.elements[place:]]
        return flattened(node.with_changes(elements=elements), "function")
    flat = flattened(node, "function")
    named = entries(flat) or {}
    missing: list[tuple[str, cst.BaseExpression]] = []
    if not any(isinstance(element, cst.StarredDictElement) for element in flat.elements):
        if "parameters" not in named:
            missing.append(("parameters", cst.parse_expression(NO_PARAMETERS)))
        if "strict" not in named:
            missing.append(("strict", cst.Name("False")))
    return with_entries(flat, missing)


def is_tool(node: cst.BaseExpression, resources: Resources) -> bool:
    """Whether `node` is a tool that is written out and understood. A file search needs a store."""
    found = entries(node)
    kind = text_of(found.get("type")) if found else None
    if not found or kind is None:
        return False
    if kind == "function":
        function = found.get("function")
        if isinstance(function, cst.Dict) and entries(function) is None:
            return False
        return set(found) == {"type", "function"}
    if kind == "code_interpreter":
        return set(found) == {"type"}
    if kind in ("file_search", "retrieval"):
        options = found.get("file_search")
        return resources.stores is not None and set(found) <= {"type", "file_search"} and (options is None or entries(options) is not None)
    return False


def is_search(node: cst.BaseExpression) -> bool:
    """Whether `node` is a file search, written out."""
    return kind_of(node) in ("file_search", "retrieval")


def kind_of(node: cst.BaseExpression) -> str | None:
    """The type of a tool that is written out; None for everything else."""
    return text_of((entries(node) or {}).get("type"))
