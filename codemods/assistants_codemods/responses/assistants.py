"""Assistants become configuration in code.

    assistant = client.beta.assistants.create(name="Math Tutor", model="gpt-4.1", instructions="Be brief.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)

becomes, where only runs use the assistant,

    assistant = {"model": "gpt-4.1", "instructions": "Be brief.", "truncation": "auto"}
    run = client.responses.create(conversation=thread.id, **assistant)

and where its id travels, `assistant = ASSISTANTS["math-tutor"]`, with the settings in the generated module (or `define_assistant(…)`
where they are computed). `retrieve(ID)` → `ASSISTANTS[ID]`, `update(ID, …)` → `ASSISTANTS[ID].change(…)`,
`delete(ID)` → `ASSISTANTS.pop(ID, None)`, or nothing where nobody looks, `list()` → `list(ASSISTANTS.values())`.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-assistants-to-prompts
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import libcst as cst

from assistants_codemods.building import expression, quoted, text_of
from assistants_codemods.configuring import arguments_of, slug, source_of
from assistants_codemods.flow.program import CallSite
from assistants_codemods.flow.values import Api, External, only_kind
from assistants_codemods.plan import IDENTIFIER, Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.responses._assistant_settings import entries_of, searches_nothing
from assistants_codemods.responses._flattening import call_of, laid_out
from assistants_codemods.responses._forms import is_plain, origins_of
from assistants_codemods.responses._resources import names_stores
from assistants_codemods.responses._searching import added_search
from assistants_codemods.responses._settings import PASSED_ON, note_unknown
from assistants_codemods.responses._uses import uses
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import is_thrown_away, line_of, outermost

_FIELDS = ("id", "name", "description", "metadata", "model", "instructions", "tools")


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Rewrite the calls, and what is read of assistants."""
    for path, rewrite in _CALLS.items():
        for site in plan.sites(f"beta.assistants.{path}"):
            group = plan.group(site)
            if _is_coroutine(site, plan):
                plan.refuse(site.module, site.node, "AC065", "The coroutine of this call is not awaited where it is made", group, site=site)
            else:
                rewrite(plan, site, group)
    for read in plan.reads("assistant"):
        _read(plan, read)
    for read in plan.reads("assistant_tool", "type"):
        plan.claim(read.node)
        plan.edit(read.module, read.node, _as_key, read.group)
    _tools_read(plan)
    for read in plan.reads("page[assistant]"):
        plan.claim(read.node)
        if read.name == "data":
            plan.edit(read.module, read.node, lambda updated, rewriter: _value(updated), read.group)
        else:
            plan.refuse(read.module, read.node, "AC065", f"A list of assistants has no `{read.name}`", read.group)


def _tools_read(plan: Plan) -> None:
    """Tools are dicts in which functions lie flat: `tool.function.name` is `tool["name"]`; who has a function is told by type."""
    for read in plan.reads("assistant_tool", "function"):
        plan.claim(read.node)
        plan.edit(read.module, read.node, lambda updated, rewriter: _value(updated), read.group)
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Attribute, cst.Call):
            if isinstance(node, cst.Attribute) and only_kind(plan.value(node.value)) == "assistant_tool.function":
                plan.edit(module, node, _as_key, plan.group(plan.value(node.value)))
            elif isinstance(node, cst.Call) and _asks_for_function(plan, node):
                plan.edit(module, node, _is_function, plan.group(plan.value(node.args[0].value)))


def _asks_for_function(plan: Plan, node: cst.Call) -> bool:
    is_asked = isinstance(node.func, cst.Name) and node.func.value == "hasattr" and len(node.args) == 2
    return is_asked and text_of(node.args[1].value) == "function" and only_kind(plan.value(node.args[0].value)) == "assistant_tool"


def _is_function(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Call)
    return expression('{tool}["type"] == "function"', tool=updated.args[0].value)


def _create(plan: Plan, site: CallSite, group: int) -> None:
    plain = is_plain(plan, site.index)
    arguments = None if plain else _literal(site)
    entries = entries_of(plan, site, group, keep=not plain)
    if entries is None:
        return
    plan.claim(site.node)
    if searches_nothing(site) and not _is_given_stores(plan, site):
        plan.note(site.module, site.node, "AC069", "The file search of this assistant has nothing to search, and is left out")
    if arguments is not None:
        plan.want_part(site.module, "ASSISTANTS", group)
        identifier = plan.configure(slug(arguments.get("name")), source_of(IDENTIFIER, arguments_of(arguments)), group)
        made = expression("ASSISTANTS[{id}]", id=quoted(identifier))
        plan.edit(site.module, outermost(site.module, site.node), lambda updated, rewriter: _parenthesised(updated, made), group)
        return
    if not plain:
        plan.want_part(site.module, "define_assistant", group)

    def build(call: cst.Call) -> cst.BaseExpression:
        settings = entries(call)
        truncation = cst.DictElement(cst.SimpleString('"truncation"'), cst.SimpleString('"auto"'))
        settings = laid_out(settings, [*settings.elements, truncation])
        return settings if plain else call_of(cst.Name("define_assistant"), settings)

    _replace(plan, site, build, group)


def _retrieve(plan: Plan, site: CallSite, group: int) -> None:
    identifier = _identifier(plan, site, group)
    if identifier is None:
        return
    note_unknown(plan, site, identifier)
    _catch_key_errors(plan, site, group)
    _replace(plan, site, lambda call: expression("ASSISTANTS[{id}]", id=_id_in(site, call)), group)


def _update(plan: Plan, site: CallSite, group: int) -> None:
    identifier = _identifier(plan, site, group, only=False)
    if identifier is None:
        return
    plain = is_plain(plan, site.index)
    search = None
    if site.argument("tools") is None and site.argument("tool_resources") is not None:
        search = added_search(plan, site, group, plain=plain)
        if search is None:
            return
    entries = entries_of(plan, site, group, keep=not plain)
    if entries is None:
        return
    plan.claim(site.node)
    if plain or _is_id_of_object(plan, identifier):
        plan.claim(identifier)

    def build(call: cst.Call) -> cst.BaseExpression:
        node = _id_in(site, call)
        is_object = isinstance(node, cst.Attribute) and _is_id_of_object(plan, identifier)
        assistant = node.value if is_object and isinstance(node, cst.Attribute) else expression("ASSISTANTS[{id}]", id=node)
        settings = entries(call)
        if search is not None:
            settings = laid_out(settings, [*settings.elements, search(call, assistant)])
        if plain and not settings.elements:
            return assistant
        return call_of(cst.Attribute(assistant, cst.Name("update" if plain else "change")), settings)

    line = line_of(site.module, site.node)
    if plain and line is not None and not is_thrown_away(site.module, site.node):
        statement = line.body[0]

        def build_statement(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
            assert isinstance(updated, cst.Assign | cst.AnnAssign)
            assert updated.value is not None
            call = updated.value.expression if isinstance(updated.value, cst.Await) else updated.value
            assert isinstance(call, cst.Call)
            return cst.Expr(build(call))

        plan.edit(site.module, statement, build_statement, group)
    else:
        _replace(plan, site, build, group)


def _delete(plan: Plan, site: CallSite, group: int) -> None:
    identifier = _identifier(plan, site, group)
    if identifier is None:
        return
    is_statement = is_thrown_away(site.module, site.node)
    line = line_of(site.module, site.node)
    is_plain_one = is_plain(plan, *origins_of(plan, identifier))
    others = [node for _, node in uses(plan, Api("deleted", site.index)) if not isinstance(node, cst.Call | cst.Await)]
    if not is_statement and any(not isinstance(site.module.parents.get(node), cst.AssignTarget) for node in others):
        plan.refuse(site.module, site.node, "AC065", "The reply to the deletion of an assistant is read", group, site=site)
    elif is_statement and line is not None and (is_plain_one or not _looks(plan)):
        plan.remove(site.module, line, group)
    else:
        plan.want_part(site.module, "ASSISTANTS", group)
        _replace(plan, site, lambda call: expression("ASSISTANTS.pop({id}, None)", id=_id_in(site, call)), group)


def _list(plan: Plan, site: CallSite, group: int) -> None:
    for argument in site.arguments:
        if argument.name not in ("order", "limit", *PASSED_ON):
            plan.refuse(site.module, argument.node, "AC065", f"A list of assistants has no `{argument.name}`", group, site=site)
            return
    plan.claim(site.node)
    plan.want_part(site.module, "ASSISTANTS", group)
    _replace(plan, site, lambda call: expression("list(ASSISTANTS.values())"), group)
    for module, node in uses(plan, Api("page[assistant]", site.index)):
        loop = module.parents.get(node)
        if isinstance(loop, cst.For | cst.CompFor) and loop.asynchronous is not None and loop.iter is node:
            plan.edit(module, loop, lambda updated, rewriter: updated.with_changes(asynchronous=None), group)


_CALLS = {"create": _create, "update": _update, "retrieve": _retrieve, "delete": _delete, "list": _list}


def _read(plan: Plan, read: Read) -> None:
    if read.name in _FIELDS:
        plan.claim(read.node)
        if read.name != "id" and is_plain(plan, *origins_of(plan, read.node.value)):
            plan.edit(read.module, read.node, _as_key, read.group)


def _as_key(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return expression("{value}[{key}]", value=updated.value, key=quoted(updated.attr.value))


def _value(updated: cst.CSTNode) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return updated.value


# What a call is about


def _identifier(plan: Plan, site: CallSite, group: int, *, only: bool = True) -> cst.BaseExpression | None:
    """The id that the call is given; None where it is not, and the group is refused."""
    found = site.argument("assistant_id")
    for argument in site.arguments:
        if argument.name is None or (only and argument.name not in ("assistant_id", *PASSED_ON)):
            plan.refuse(site.module, argument.node, "AC026", "These arguments are not written out", group, site=site)
            return None
    if found is None:
        plan.refuse(site.module, site.node, "AC026", "This call has no id of an assistant", group, site=site)
        return None
    if only:
        plan.claim(site.node)
    if not _is_id_of_object(plan, found.node.value) and not (site.path.endswith("delete") and not _looks(plan)):
        plan.want_part(site.module, "ASSISTANTS", group)
    return found.node.value


def _id_in(site: CallSite, call: cst.Call) -> cst.BaseExpression:
    """The id among the arguments of the new call."""
    found = site.argument("assistant_id")
    assert found is not None
    return next(new.value for old, new in zip(site.node.args, call.args, strict=True) if old is found.node)


def _is_id_of_object(plan: Plan, node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "id" and only_kind(plan.value(node.value)) == "assistant"


def _looks(plan: Plan) -> bool:
    """Whether the program looks assistants up, so that one which is gone must not be found."""
    return any(site.path in ("beta.assistants.list", "beta.assistants.retrieve") for site in plan.program.sites.values())


def _is_given_stores(plan: Plan, site: CallSite) -> bool:
    """Whether an update names the stores that the assistant was created without."""
    return any(
        other.path == "beta.assistants.update" and names_stores(other) and plan.group(other) == plan.group(site)
        for other in plan.program.sites.values()
    )


def _literal(site: CallSite) -> dict[str, Any] | None:
    """The arguments of the call where all are literals, and nothing but them is written there; None otherwise."""
    if "#" in site.module.code(site.node) or site.argument("file_ids") is not None:
        return None
    found = {}
    for argument in site.arguments:
        try:
            value = ast.literal_eval(site.module.code(argument.node.value).strip())
        except (ValueError, SyntaxError, TypeError):
            return None
        if argument.name is not None and argument.name not in PASSED_ON:
            found[argument.name] = value
    name = site.argument("name")
    resources = found.get("tool_resources") or {}
    is_shown = name is None or text_of(name.node.value) is not None
    return found if is_shown and "vector_stores" not in (resources.get("file_search") or {}) else None


# How it is replaced


def _replace(plan: Plan, site: CallSite, build: Callable[[cst.Call], cst.BaseExpression], group: int) -> None:
    """Let the call, and the `await` before it, become what `build` makes of the call."""

    def replaced(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        call = updated.expression if isinstance(updated, cst.Await) else updated
        assert isinstance(call, cst.Call)
        return _parenthesised(updated, build(call))

    plan.edit(site.module, outermost(site.module, site.node), replaced, group)


def _parenthesised(updated: cst.CSTNode, made: cst.BaseExpression) -> cst.BaseExpression:
    """`made` in the parentheses that `updated` was in, unless they held an `await` only."""
    assert isinstance(updated, cst.BaseExpression)
    return made.deep_clone() if isinstance(updated, cst.Await) else made.with_changes(lpar=updated.lpar, rpar=updated.rpar)


def _is_coroutine(site: CallSite, plan: Plan) -> bool:
    """Whether the call makes a coroutine that is awaited somewhere else."""
    origin = plan.program.origins[site.client]
    made = origin.module.code(origin.node) if origin.module is not None and isinstance(origin.node, cst.Call) else ""
    is_page = site.path.endswith(".list")
    return "Async" in made.partition("(")[0] and not site.is_awaited and not is_page


def _catch_key_errors(plan: Plan, site: CallSite, group: int) -> None:
    """Let a `try` around the call that expects the API's errors expect a KeyError too: that is what an unknown id raises now."""
    inner: cst.CSTNode = site.node
    for around in site.module.ancestors(site.node):
        if isinstance(around, cst.FunctionDef | cst.Lambda):
            return
        if isinstance(around, cst.Try) and inner is around.body:
            for handler in around.handlers:
                if isinstance(handler.type, cst.Name | cst.Attribute) and _is_error_of_the_api(plan, handler.type):
                    plan.edit(site.module, handler.type, _or_key_error, group)
            return
        inner = around


def _is_error_of_the_api(plan: Plan, node: cst.BaseExpression) -> bool:
    return any(isinstance(atom, External) and atom.name.startswith("openai.") for atom in plan.value(node))


def _or_key_error(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.BaseExpression)
    return expression("({error}, KeyError)", error=updated)
