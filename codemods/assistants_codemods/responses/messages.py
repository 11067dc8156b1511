"""Messages become items of the conversation.

    client.beta.threads.messages.create(thread_id=thread.id, role="user", content="Hello")
    messages = client.beta.threads.messages.list(thread_id=thread.id)
    for message in messages.data: …

becomes

    client.conversations.items.create(thread.id, items=[{"type": "message", "role": "user", "content": "Hello"}])
    messages = messages_in(client.conversations.items.list(thread.id), limit=20)
    for message in messages: …

A conversation has other items too, function calls and reasoning: `messages_in`, a part of the generated module, picks the messages.
Where the program pages by hand (`has_more`, `last_id`), pages stay pages, and `.data` of each is picked from.
Items cannot be changed, and have no attachments or metadata: that is refused.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-threads-to-conversations
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import Given, expression, text_of
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.flow.values import Api, Text
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.responses._clients import is_async, is_iterated_async
from assistants_codemods.responses._items import content_of, is_empty, lost
from assistants_codemods.responses._pages import CURSOR, PAGE, Uses, uses_of_pages
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import is_thrown_away, names_in, outermost

_CREATE, _LIST, _RETRIEVE, _DELETE, _UPDATE = (
    f"beta.threads.messages.{name}" for name in ("create", "list", "retrieve", "delete", "update")
)
_SAME = ("extra_headers", "extra_query", "extra_body", "timeout")
_TAKEN = {
    _CREATE: ("thread_id", "role", "content", "attachments", "metadata", "file_ids", *_SAME),
    _LIST: ("thread_id", "order", "limit", "after", "before", "run_id", *_SAME),
    _RETRIEVE: ("message_id", "thread_id", *_SAME),
    _DELETE: ("message_id", "thread_id", *_SAME),
}
_RENAMED = {"message_id": "item_id", "thread_id": "conversation_id"}
_PAGE_SIZE = 20


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Rewrite the calls, and what is read of messages and pages."""
    for site in plan.sites(_UPDATE):
        plan.refuse(site.module, site.node, "AC052", "An item of a conversation cannot be changed", plan.group(site), site=site)
    pages = uses_of_pages(plan) if plan.sites(_LIST) else {}
    for site in plan.sites(*_TAKEN):
        if _is_taken(plan, site):
            if site.path == _CREATE:
                _create(plan, site)
            elif site.path == _LIST:
                _list(plan, site, pages[site.index])
            else:
                _one(plan, site)
    for uses in {id(uses): uses for uses in pages.values()}.values():
        _page(plan, uses)
    for read in plan.reads("message", *_LOST):
        plan.refuse(read.module, read.node, "AC025", f"A message of a conversation has no `{read.name}`{_LOST[read.name]}", read.group)


_LOST = {
    "created_at": ": items come in their order, without a time",
    "completed_at": "",
    "incomplete_at": "",
    "incomplete_details": ": the response has them",
    "thread_id": ": keep the conversation's id beside it",
    "run_id": ": the messages of a run are in the output of its response",
    "assistant_id": "",
    "attachments": "",
    "metadata": "",
    "file_ids": "",
}
"""Fields of messages that items do not have, and what to say of it."""


def _is_taken(plan: Plan, site: CallSite) -> bool:
    """Whether all arguments are understood; the group is refused where not."""
    group = plan.group(site)
    for argument in site.arguments:
        if argument.name is None:
            plan.refuse(site.module, argument.node, "AC026", "These arguments are not written out", group, site=site)
        elif argument.name not in _TAKEN[site.path]:
            plan.refuse(site.module, argument.node, "AC050", f"{site.path} has no `{argument.name}`", group, site=site)
        elif argument.name in ("attachments", "metadata", "file_ids") and not is_empty(plan, argument.node.value):
            lost(plan, site, site.module, argument.node, argument.name, group)
        elif argument.name in ("before", "run_id") and not is_empty(plan, argument.node.value):
            plan.refuse(site.module, argument.node, "AC053", f"Items cannot be listed by `{argument.name}`", group, site=site)
        else:
            continue
        return False
    needed = {"thread_id"} if site.path in (_CREATE, _LIST) else {"thread_id", "message_id"}
    if any(site.argument(name) is None for name in needed):
        plan.refuse(site.module, site.node, "AC020", f"{site.path} is called without {' or '.join(sorted(needed))}", group, site=site)
        return False
    return True


def _create(plan: Plan, site: CallSite) -> None:
    group = plan.group(site)
    role, content = site.argument("role"), site.argument("content")
    if role is None or content is None:
        plan.refuse(site.module, site.node, "AC020", "This message has no role or no content", group, site=site)
        return
    is_read = not is_thrown_away(site.module, site.node) and not _is_dead(plan, site)
    if is_read and is_async(plan, site) and not site.is_awaited:
        plan.refuse(site.module, site.node, "AC058", "The new message is awaited somewhere else", group, site=site)
        return
    plan.claim(site.node)
    convert = content_of(plan, site.module, content.node.value, role.node.value, group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        given = Given(site, updated)
        thread, said, by = given.value("thread_id"), given.value("content"), given.value("role")
        assert thread is not None
        assert said is not None
        assert by is not None
        items = expression('[{"type": "message", "role": {role}, "content": {content}}]', role=by, content=convert(said))
        return given.with_arguments([(None, thread), ("items", items), *_options(given)])

    plan.edit(site.module, site.node, build, group)
    if is_read:
        whole = outermost(site.module, site.node)
        plan.edit(site.module, whole, lambda updated, rewriter: _first_of(updated), group)


def _first_of(updated: cst.CSTNode) -> cst.CSTNode:
    """`….data[0]` of a list of items, in parentheses where it is awaited."""
    assert isinstance(updated, cst.BaseExpression)
    if isinstance(updated, cst.Await) and not updated.lpar:
        updated = updated.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Subscript(cst.Attribute(updated, cst.Name("data")), [cst.SubscriptElement(cst.Index(cst.Integer("0")))])


def _is_dead(plan: Plan, site: CallSite) -> bool:
    """Whether the name that the message is given is never read."""
    parent = site.module.parents.get(outermost(site.module, site.node))
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1 or not isinstance(target := parent.targets[0].target, cst.Name):
        return False
    if site.function is None or target.value in site.function.global_names:
        return False
    return all(_is_assigned(site, name) for name in names_in(site.function.node, target.value))


def _is_assigned(site: CallSite, name: cst.Name) -> bool:
    return isinstance(site.module.parents.get(name), cst.AssignTarget)


def _options(given: Given) -> list[tuple[str | None, cst.BaseExpression]]:
    return [(name, value) for name in _SAME if (value := given.value(name)) is not None]


def _one(plan: Plan, site: CallSite) -> None:
    """retrieve and delete: other names for the same arguments."""
    group = plan.group(site)
    if site.path == _DELETE and not is_thrown_away(site.module, site.node) and not _is_dead(plan, site):
        plan.refuse(site.module, site.node, "AC058", "Deleting an item answers with its conversation", group, site=site)
        return
    plan.claim(site.node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        args = []
        for argument, new in zip(site.arguments, updated.args, strict=True):
            name = argument.name or ""
            args.append(new.with_changes(keyword=cst.Name(_RENAMED.get(name, name))) if new.keyword is not None else new)
        return updated.with_changes(args=args)

    plan.edit(site.module, site.node, build, group)


# Lists


def _list(plan: Plan, site: CallSite, uses: Uses) -> None:
    group = plan.group(site)
    is_asynchronous = is_async(plan, site)
    stray = [loop for _, loop in uses.async_loops if loop.iter is not site.node and not _is_awaited(plan, loop.iter)]
    if is_asynchronous and not site.is_awaited and not is_iterated_async(site) and stray:
        plan.refuse(site.module, site.node, "AC058", "The page is awaited or iterated somewhere else", group, site=site)
        return
    plan.claim(site.node)
    picker = "amessages_in" if is_asynchronous else "messages_in"
    limit = site.argument("limit")
    if not uses.stays_page:
        plan.want_part(site.module, picker, group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        given = Given(site, updated)
        thread = given.value("thread_id")
        assert thread is not None
        kept = [name for name in ("order", "limit", "after") if name != "limit" or uses.stays_page or uses.iterated]
        named = [(name, value) for name in kept if (value := given.value(name)) is not None and not _is_none(value)]
        listed = given.with_arguments([(None, thread), *named, *_options(given)])
        if uses.stays_page:
            return listed
        most = _most(uses, limit, given.value("limit"))
        call = expression(
            f"{picker}({{listed}}, limit={{most}})" if most is not None else f"{picker}({{listed}})", listed=listed, **_or(most)
        )
        return expression("await {call}", call=call) if is_iterated_async(site) else call

    plan.edit(site.module, site.node, build, group)


def _or(most: cst.BaseExpression | None) -> dict[str, cst.BaseExpression]:
    return {} if most is None else {"most": most}


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value in ("None", "NOT_GIVEN")


def _most(uses: Uses, limit: Argument | None, new: cst.BaseExpression | None) -> cst.BaseExpression | None:
    """How many messages are picked; None for all of them: those who iterate over a page get what is on the next ones too."""
    if uses.iterated:
        return None
    given = new is not None and not _is_none(new)
    plain = not given or isinstance(new, cst.Integer | cst.SimpleString | cst.Name)
    if uses.first_only and uses.data and plain:
        return cst.Integer("1")
    return _as_number(limit, new) if given and new is not None else cst.Integer(str(_PAGE_SIZE))


def _as_number(limit: Argument | None, new: cst.BaseExpression) -> cst.BaseExpression:
    text = text_of(new)
    if text is not None and text.isdigit():
        return cst.Integer(text)
    if limit is not None and any(isinstance(atom, Text) for atom in limit.value):
        return expression("int({limit})", limit=new)
    return new


def _is_awaited(plan: Plan, node: cst.BaseExpression) -> bool:
    """Whether the pages that `node` may be were awaited where they were asked for."""
    origins = {atom.origin for atom in plan.value(node) if isinstance(atom, Api) and atom.kind == PAGE}
    return all(site.is_awaited for site in plan.program.sites.values() if site.index in origins)


def _page(plan: Plan, uses: Uses) -> None:
    """What is read of pages."""
    for module, node in uses.lost:
        if node not in plan.claimed and node.attr.value not in _SERIALISERS:
            group = plan.group(plan.value(node.value))
            plan.refuse(module, node, "AC025", f"A page of items has no `{node.attr.value}`", group)
    for module, node in uses.data:
        if node in plan.claimed:
            continue
        plan.claim(node)
        group = plan.group(plan.value(node.value))
        if uses.stays_page:
            plan.want_part(module, "messages_in", group)
            plan.edit(module, node, _picked, group)
        else:
            first = uses.iterated and not _is_indexed(module, node)
            plan.edit(module, node, _sliced if first else _dropped, group)
    for read in plan.reads(PAGE, *CURSOR):
        plan.claim(read.node)
    for module, loop in uses.async_loops:
        if loop in plan.claimed:
            continue
        plan.claim(loop)
        group = plan.group(plan.value(loop.iter))
        if uses.stays_page:
            plan.want_part(module, "amessages_in", group)
            plan.edit(module, loop.iter, lambda updated, rewriter: _awaited(updated), group)
        plan.edit(module, loop, lambda updated, rewriter: updated.with_changes(asynchronous=None), group)


_SERIALISERS = frozenset({"model_dump", "model_dump_json", "to_dict", "to_json", "json", "dict"})


def _awaited(updated: cst.CSTNode) -> cst.CSTNode:
    assert isinstance(updated, cst.BaseExpression)
    return expression("await amessages_in({page})", page=updated)


def _dropped(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    """`page.data`, where the page is a list of messages now."""
    assert isinstance(updated, cst.Attribute)
    return updated.value


def _sliced(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    """`page.data`, where the list has the messages of all pages."""
    assert isinstance(updated, cst.Attribute)
    return expression(f"{{page}}[:{_PAGE_SIZE}]", page=updated.value)


def _picked(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    """`page.data`, where the page stays one."""
    assert isinstance(updated, cst.Attribute)
    return expression("messages_in({data})", data=updated)


def _is_indexed(module: Module, node: cst.Attribute) -> bool:
    parents = module.parents
    parent = parents.get(node)
    return isinstance(parent, cst.Subscript) and parent.value is node and isinstance(parent.slice[0].slice, cst.Index)
