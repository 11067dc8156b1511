"""The settings of a run: what its assistant says, and what the call says otherwise, as arguments of responses.create.

assistant_id=assistant.id                                →  **assistant
assistant_id=ID                                          →  **ASSISTANTS[ID]
assistant_id=ID, model="gpt-4.1"                         →  **ASSISTANTS[ID] | {"model": "gpt-4.1"}
assistant_id=ID, model=perhaps_none                      →  **with_overrides(ASSISTANTS[ID], model=perhaps_none)
assistant_id=ID, additional_instructions="Be brief."     →  **with_additional_instructions(ASSISTANTS[ID], "Be brief.")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import libcst as cst

from assistants_codemods.building import Given, expression, quoted, text_of
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.flow.values import kinds, only_kind
from assistants_codemods.plan import Plan
from assistants_codemods.responses._conversions import CONVERSIONS, Convert, same
from assistants_codemods.responses._given import is_absent, is_given, mentions_absent

Arguments: TypeAlias = "list[tuple[str | None, cst.BaseExpression]]"

RENAMED: Mapping[str, str] = {
    "model": "model",
    "instructions": "instructions",
    "tools": "tools",
    "tool_choice": "tool_choice",
    "response_format": "text",
    "temperature": "temperature",
    "top_p": "top_p",
    "max_completion_tokens": "max_output_tokens",
    "metadata": "metadata",
    "parallel_tool_calls": "parallel_tool_calls",
    "reasoning_effort": "reasoning",
}
"""Settings that a run may have of its own, and what responses.create calls them."""

PASSED_ON = ("extra_headers", "extra_query", "extra_body", "timeout")
"""What every method of the SDK takes."""

HANDLED = frozenset(
    {*RENAMED, *PASSED_ON, "assistant_id", "additional_instructions", "truncation_strategy", "max_prompt_tokens", "include"}
)
"""The arguments that `settings` sees to; all others are the caller's."""


def settings(plan: Plan, site: CallSite, group: int) -> Callable[[Given], Arguments]:
    """What makes the arguments for responses.create from the settings given to `site`, which starts a run.

    The group is refused where a setting has no counterpart.
    """
    assistant = site.argument("assistant_id")
    if assistant is None:
        plan.refuse(site.module, site.node, "AC026", "The assistant of this run is not written out", group, site=site)
        return lambda given: []
    base = _assistant(plan, site, assistant, group)
    converts: dict[str, Convert] = {}
    unsure = False
    for argument in site.arguments:
        value = argument.node.value
        if argument.name not in HANDLED or is_absent(plan, value):
            continue
        assert argument.name is not None
        if argument.name in ("truncation_strategy", "max_prompt_tokens", "include"):
            _refuse_or_drop(plan, site, argument, group)
        elif argument.name in RENAMED:
            convert = CONVERSIONS.get(argument.name, same)(plan, site, argument, group)
            if convert is not None:
                converts[argument.name] = convert
                unsure = unsure or not is_given(plan, site.module, value)
            if mentions_absent(plan, value):
                plan.refuse(site.module, value, "AC060", f"`{argument.name}` is NOT_GIVEN at times: use None", group, site=site)
    if unsure:
        plan.want_part(site.module, "with_overrides", group)
    additional = site.argument("additional_instructions")
    if additional is not None and not is_absent(plan, additional.node.value):
        plan.want_part(site.module, "with_additional_instructions", group)
    else:
        additional = None

    def build(given: Given) -> Arguments:
        made = base(given)
        if unsure:
            made = _call("with_overrides", made, [(RENAMED[name], _converted(given, name, convert)) for name, convert in converts.items()])
        elif converts:
            made = expression("{base} | {overrides}", base=made, overrides=_dict(given, converts))
        if additional is not None:
            text = given.value("additional_instructions")
            assert text is not None
            made = _call("with_additional_instructions", made, [(None, text)])
        passed = [(name, value) for name in PASSED_ON if (value := given.value(name)) is not None]
        return [("**", made), *passed]

    return build


def _assistant(plan: Plan, site: CallSite, argument: Argument, group: int) -> Callable[[Given], cst.BaseExpression]:
    """What makes the mapping of settings of the assistant that `argument` names."""
    node = argument.node.value
    if isinstance(node, cst.Attribute) and node.attr.value == "id" and only_kind(plan.value(node.value)) == "assistant":
        plan.claim(node)

        def of_object(given: Given) -> cst.BaseExpression:
            value = given.value("assistant_id")
            assert isinstance(value, cst.Attribute)
            return value.value

        return of_object
    plan.want_part(site.module, "ASSISTANTS", group)
    note_unknown(plan, site, node)

    def by_id(given: Given) -> cst.BaseExpression:
        value = given.value("assistant_id")
        assert value is not None
        return expression("ASSISTANTS[{assistant}]", assistant=value)

    return by_id


def note_unknown(plan: Plan, site: CallSite, node: cst.BaseExpression) -> None:
    """Tell people that the settings of an assistant have to be filled in, where its id comes from outside the program."""
    literal = text_of(node)
    if literal is not None and literal not in plan.configurations:
        plan.note(site.module, node, "AC067", f"ASSISTANTS has to be given the settings of {literal}")
    elif literal is None and not plan.configurations and not kinds(plan.value(node)):
        plan.note(
            site.module, node, "AC067", f"ASSISTANTS has to be given the settings of the assistants that {site.module.code(node)} names"
        )


def _refuse_or_drop(plan: Plan, site: CallSite, argument: Argument, group: int) -> None:
    """`truncation="auto"` is among the settings, and says what the default strategy did; the rest has no counterpart."""
    value = argument.node.value
    code = site.module.code(value).replace("'", '"').replace(" ", "")
    if argument.name == "truncation_strategy" and code in ('"auto"', '{"type":"auto"}'):
        return
    if argument.name == "include" and "step_details.tool_calls[*].file_search.results[*].content" in code:
        reason = 'The results of a file search are read from other fields: include=["file_search_call.results"]'
    elif argument.name == "truncation_strategy":
        reason = "responses.create cannot be told to keep a number of last messages"
    else:
        reason = f"responses.create has no `{argument.name}`"
    plan.refuse(site.module, argument.node, "AC061", reason, group, site=site)


def _converted(given: Given, name: str, convert: Convert) -> cst.BaseExpression:
    value = given.value(name)
    assert value is not None
    return convert(value)


def _dict(given: Given, converts: Mapping[str, Convert]) -> cst.Dict:
    return cst.Dict([cst.DictElement(quoted(RENAMED[name]), _converted(given, name, convert)) for name, convert in converts.items()])


def _call(function: str, first: cst.BaseExpression, rest: Arguments) -> cst.Call:
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    args = [
        cst.Arg(value, keyword=cst.Name(name) if name else None, equal=equal if name else cst.MaybeSentinel.DEFAULT) for name, value in rest
    ]
    return cst.Call(cst.Name(function), [cst.Arg(first), *args])


__all__ = ["HANDLED", "Arguments", "note_unknown", "settings"]
