"""A message that is added right before a run is the response's input.

    client.beta.threads.messages.create(thread.id, role="user", content="Hello")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)

becomes

    run = client.responses.create(conversation=thread.id, input="Hello", **assistant)

Only where both stand in one block, on one thread, with nothing between them that could see the message.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-runs-to-responses
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import is_text as is_literal
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.flow.values import Display
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.responses._items import is_text, writes_parts
from assistants_codemods.shape import assigned_name, block_of, is_stored, is_thrown_away, line_of, names_in, nodes_below

_STARTS = (
    "beta.threads.runs.create",
    "beta.threads.runs.create_and_poll",
    "beta.threads.runs.stream",
    "beta.threads.runs.create_and_stream",
)


@fixer("responses", "flows")
def fix(plan: Plan) -> None:
    """Hand the text of messages that stand right before a run to the run."""
    for site in plan.sites(*_STARTS):
        statement = site.module.statement_of(site.node)
        thread = site.argument("thread_id")
        if statement is None or thread is None or site.argument("additional_messages") is not None:
            continue
        added = _added_before(plan, site, statement, thread)
        if added is None:
            continue
        message, line = added
        content = message.argument("content")
        assert content is not None
        group = plan.group(site, message)
        plan.claim(message.node)
        plan.inputs[site.node] = content.node.value
        plan.remove(site.module, line, group)


def _added_before(
    plan: Plan, site: CallSite, statement: cst.BaseStatement, thread: Argument
) -> tuple[CallSite, cst.SimpleStatementLine] | None:
    """The message that is added to the same thread before `statement`, and its line, if it can be moved."""
    module = site.module
    block = block_of(module, statement)
    place = [inner is statement for inner in block].index(True) if any(inner is statement for inner in block) else 0
    between: list[cst.BaseStatement] = []
    messages = {known.node: known for known in plan.sites("beta.threads.messages.create") if known.module is module}
    for earlier in reversed(block[:place]):
        found = [messages[node] for node in nodes_below(earlier) if node in messages and isinstance(node, cst.Call)]
        if found:
            message = found[0]
            line = line_of(module, message.node)
            fits = len(found) == 1 and line is earlier and _can_move(plan, message, thread, between, statement)
            return (message, line) if fits and line is not None else None
        if not isinstance(earlier, cst.SimpleStatementLine) or _sees_threads(plan, earlier):
            return None
        between.append(earlier)
    return None


def _sees_threads(plan: Plan, statement: cst.BaseStatement) -> bool:
    """Whether a statement asks the API for anything that is not about assistants."""
    sites = plan.program.sites
    calls = [sites[node] for node in nodes_below(statement) if isinstance(node, cst.Call) and node in sites]
    return any(not site.path.startswith("beta.assistants.") for site in calls) or any(
        isinstance(node, cst.Call) and node not in sites and not _is_harmless(plan, node) for node in nodes_below(statement)
    )


def _is_harmless(plan: Plan, node: cst.Call) -> bool:
    return isinstance(node.func, cst.Name) and node.func.value in ("print", "str", "len", "int", "format", "repr")


def _can_move(plan: Plan, message: CallSite, thread: Argument, between: list[cst.BaseStatement], statement: cst.BaseStatement) -> bool:
    module = message.module
    own, role, content = message.argument("thread_id"), message.argument("role"), message.argument("content")
    if own is None or role is None or content is None or any(argument.name is None for argument in message.arguments):
        return False
    if {argument.name for argument in message.arguments} - {"thread_id", "role", "content"} or not is_literal(role.node.value, "user"):
        return False
    if module.code(own.node.value) != module.code(thread.node.value) or not _is_text(plan, content):
        return False
    if not is_thrown_away(module, message.node):
        name = assigned_name(module, message.node)
        if name is None or _is_used(plan, message, name):
            return False
    moved = {node.value for node in (content.node.value, *nodes_below(content.node.value)) if isinstance(node, cst.Name)}
    rebound = any(is_stored(module, use) for later in between for name in moved for use in names_in(later, name))
    has_calls = any(isinstance(node, cst.Call | cst.Await) for node in (content.node.value, *nodes_below(content.node.value)))
    return not rebound and not (has_calls and between)


def _is_text(plan: Plan, content: Argument) -> bool:
    """Whether the content is a text, or at least nothing that anybody wrote out as parts."""
    node = content.node.value
    if is_text(plan, node):
        return True
    return not isinstance(node, cst.List) and not any(isinstance(atom, Display) for atom in plan.value(node)) and not writes_parts(plan)


def _is_used(plan: Plan, message: CallSite, name: str) -> bool:
    """Whether the name that takes the message is read anywhere in its scope."""
    function = message.module.function_of(message.node)
    scope: cst.CSTNode = function.node if function is not None else message.module.tree
    return any(not is_stored(message.module, use) for use in names_in(scope, name))
