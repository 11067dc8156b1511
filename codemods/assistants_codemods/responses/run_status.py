"""What is read of a run is called otherwise on a response: its status, its error, its usage, its thread.

    if run.status == "requires_action": …       →  if run_status(run) == "requires_action": …
    run.last_error.message                      →  run.error.message
    run.usage.prompt_tokens                     →  run.usage.input_tokens
    run.thread_id                               →  run.conversation.id

A response that waits for the outputs of functions is "completed": `run_status`, a part of the generated module, tells the difference.
Where nobody submits outputs or asks for "requires_action", the status is read as it is.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-runs-to-responses
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import expression, quoted, text_of
from assistants_codemods.plan import Build, Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter

_SUBMITS = tuple(
    f"beta.threads.runs.{name}" for name in ("submit_tool_outputs", "submit_tool_outputs_and_poll", "submit_tool_outputs_stream")
)
_RENAMED = {
    ("run", "last_error"): "error",
    ("usage", "prompt_tokens"): "input_tokens",
    ("usage", "completion_tokens"): "output_tokens",
    ("usage", "total_tokens"): "total_tokens",
    ("last_error", "code"): "code",
    ("last_error", "message"): "message",
    ("incomplete_details", "reason"): "reason",
    ("run", "usage"): "usage",
    ("run", "incomplete_details"): "incomplete_details",
    ("run", "instructions"): "instructions",
    ("run", "temperature"): "temperature",
    ("run", "top_p"): "top_p",
}
_REASONS = {"max_completion_tokens": "max_output_tokens"}


@fixer("responses", "reads")
def fix(plan: Plan) -> None:
    """Rename what has another name, and ask for the status where function calls make a difference."""
    for (kind, name), native in _RENAMED.items():
        for read in plan.reads(kind, name):
            plan.claim(read.node)
            if native != name:
                plan.edit(read.module, read.node, _named(native), read.group)
            if (kind, name) == ("incomplete_details", "reason"):
                _reasons(plan, read)
    for read in plan.reads("run", "thread_id"):
        plan.claim(read.node)
        plan.edit(read.module, read.node, lambda updated, rewriter: expression("{run}.conversation.id", run=_object(updated)), read.group)
    for read in plan.reads("run", "status"):
        plan.claim(read.node)
        if plan.has(read.group, *_SUBMITS) or waits_for_outputs(plan, read.group):
            plan.want_part(read.module, "run_status", read.group)
            plan.edit(read.module, read.node, lambda updated, rewriter: expression("run_status({run})", run=_object(updated)), read.group)


def waits_for_outputs(plan: Plan, group: int) -> bool:
    """Whether anything in the group asks for function calls: by the required action, or by the word for it."""
    find = plan.program.groups.find
    for read in plan.known_reads("run", "required_action", "status"):
        if find(read.group) == find(group) and (read.name == "required_action" or "requires_action" in _compared_with(read)):
            return True
    return False


def _compared_with(read: Read) -> set[str]:
    """The literals that the value is compared with where it is read."""
    around = read.module.parents.get(read.node)
    if isinstance(around, cst.ComparisonTarget):
        around = read.module.parents.get(around)
    if isinstance(around, cst.Match):
        return {str(node.raw_value) for node in read.module.nodes(cst.SimpleString) if _is_in(read, node, around)}
    if not isinstance(around, cst.Comparison):
        return set()
    found = set()
    for side in (around.left, *(target.comparator for target in around.comparisons)):
        sides = [element.value for element in side.elements] if isinstance(side, cst.List | cst.Tuple | cst.Set) else [side]
        found |= {text for one in sides if (text := text_of(one)) is not None}
    return found


def _is_in(read: Read, node: cst.CSTNode, around: cst.CSTNode) -> bool:
    return any(ancestor is around for ancestor in read.module.ancestors(node))


def _reasons(plan: Plan, read: Read) -> None:
    around = read.module.parents.get(read.node)
    if isinstance(around, cst.Comparison):
        for target in around.comparisons:
            native = _REASONS.get(text_of(target.comparator) or "")
            if native is not None:
                plan.edit(read.module, target.comparator, lambda updated, rewriter: quoted(_REASONS["max_completion_tokens"]), read.group)


def _named(native: str) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Attribute)
        return updated.with_changes(attr=cst.Name(native))

    return build


def _object(updated: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(updated, cst.Attribute)
    return updated.value
