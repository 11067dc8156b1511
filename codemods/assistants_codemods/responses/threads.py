"""Threads become conversations.

    thread = client.beta.threads.create(metadata={"user": "42"})
    client.beta.threads.delete(thread.id)

becomes

    thread = client.conversations.create(metadata={"user": "42"})
    client.conversations.delete(thread.id)

`messages=` become `items=`. `tool_resources=` have no place on a conversation: the tools of a run have them.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-threads-to-conversations
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import Given
from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.responses._items import items_of
from assistants_codemods.rewriting import Rewriter

_PARAMETERS = {
    "beta.threads.create": {"metadata": "metadata", "messages": "items"},
    "beta.threads.retrieve": {"thread_id": "conversation_id"},
    "beta.threads.update": {"thread_id": "conversation_id", "metadata": "metadata"},
    "beta.threads.delete": {"thread_id": "conversation_id"},
}
_SAME = ("extra_headers", "extra_query", "extra_body", "timeout")
_SAME_FIELDS = ("id", "created_at", "metadata")


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Rewrite the calls, and see to what is read of the threads."""
    for site in plan.sites(*_PARAMETERS):
        _call(plan, site)
    for read in plan.reads("thread", *_SAME_FIELDS):
        plan.claim(read.node)


def _call(plan: Plan, site: CallSite) -> None:
    group = plan.group(site)
    names = _PARAMETERS[site.path]
    for argument in site.arguments:
        if argument.name is None:
            plan.refuse(site.module, argument.node, "AC026", "These arguments are not written out", group, site=site)
            return
        if argument.name not in names and argument.name not in _SAME:
            reason = f"A conversation has no `{argument.name}`"
            plan.refuse(site.module, argument.node, "AC050", reason, group, site=site)
            return
    plan.claim(site.node)
    messages = site.argument("messages")
    convert = items_of(plan, site, messages, group) if messages is not None else None

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        args = []
        for argument, new in zip(site.arguments, updated.args, strict=True):
            assert argument.name is not None
            value = convert(new.value) if argument.name == "messages" and convert is not None else new.value
            keyword = cst.Name(names.get(argument.name, argument.name)) if new.keyword is not None else None
            args.append(new.with_changes(value=value, keyword=keyword))
        return updated.with_changes(args=args)

    plan.edit(site.module, site.node, build, group)


__all__ = ["Given"]
