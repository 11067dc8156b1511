"""Settings whose values are written otherwise in responses.create: the format of the reply, the tool to choose, the effort of reasoning.

response_format={"type": "json_schema", "json_schema": {"name": …, "schema": …}}
    →  text={"format": {"type": "json_schema", "name": …, "schema": …}}
tool_choice={"type": "function", "function": {"name": "f"}}     →  tool_choice={"type": "function", "name": "f"}
reasoning_effort="low"                                          →  reasoning={"effort": "low"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import libcst as cst

from assistants_codemods.building import entries, text_of
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.responses._flat_tool import NO_RESOURCES
from assistants_codemods.responses._flattening import flattened
from assistants_codemods.responses._given import is_given
from assistants_codemods.responses._tools import tools_of

Convert: TypeAlias = "Callable[[cst.BaseExpression], cst.BaseExpression]"
Conversion: TypeAlias = "Callable[[Plan, CallSite, Argument, int], Convert | None]"
"""What makes the new value of an argument; None where the argument goes away. The group is refused where neither is possible."""


def same(plan: Plan, site: CallSite, argument: Argument, group: int) -> Convert | None:
    """The value as it is."""
    return lambda value: value


def _format(plan: Plan, site: CallSite, argument: Argument, group: int) -> Convert | None:
    node = argument.node.value
    if text_of(node) == "auto":
        return None
    found = entries(node)
    kind = text_of(found.get("type")) if found else None
    if kind in ("text", "json_object"):
        return lambda value: _wrapped("format", value)
    if found and kind == "json_schema" and isinstance(found.get("json_schema"), cst.Dict):
        return lambda value: _wrapped("format", flattened(value, "json_schema") if isinstance(value, cst.Dict) else value)
    if plan.value(node) and not found:
        reason = "This response_format is not a dict that is written out here"
    else:
        reason = "This response_format is not understood"
    plan.refuse(site.module, argument.node, "AC062", reason, group, site=site)
    return None


def _choice(plan: Plan, site: CallSite, argument: Argument, group: int) -> Convert | None:
    node = argument.node.value
    if text_of(node) is not None:
        return same(plan, site, argument, group)
    found = entries(node)
    kind = text_of(found.get("type")) if found else None
    if kind in ("file_search", "code_interpreter"):
        return same(plan, site, argument, group)
    if found and kind == "function" and isinstance(found.get("function"), cst.Dict):
        return lambda value: flattened(value, "function") if isinstance(value, cst.Dict) else value
    plan.refuse(site.module, argument.node, "AC062", "This tool_choice is not written out here", group, site=site)
    return None


def _effort(plan: Plan, site: CallSite, argument: Argument, group: int) -> Convert | None:
    if not is_given(plan, site.module, argument.node.value):
        plan.refuse(site.module, argument.node, "AC062", "This reasoning_effort may be None", group, site=site)
    return lambda value: _wrapped("effort", value)


def _wrapped(key: str, value: cst.BaseExpression) -> cst.Dict:
    return cst.Dict([cst.DictElement(cst.SimpleString(f'"{key}"'), value)])


def _tools(plan: Plan, site: CallSite, argument: Argument, group: int) -> Convert | None:
    convert = tools_of(plan, site, argument, group)
    return None if convert is None else lambda value: convert(value, NO_RESOURCES)


CONVERSIONS: Mapping[str, Conversion] = {
    "response_format": _format,
    "tool_choice": _choice,
    "reasoning_effort": _effort,
    "tools": _tools,
}
