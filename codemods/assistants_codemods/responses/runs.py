"""Runs become responses: started, looked at, cancelled, waited for.

    run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)
    client.beta.threads.runs.cancel(run.id, thread_id=thread.id)

becomes

    run = client.responses.create(conversation=thread.id, background=True, **assistant)
    run = client.responses.retrieve(run.id)
    client.responses.cancel(run.id)

`create_and_poll` returns when the model is done, as responses.create does; what is polled or cancelled is made in the background.
`runs.poll` of a run that was made in the same function is that run; of another one, `wait_for`, a part of the generated module.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-runs-to-responses
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import Given, entries, expression, layed_out
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.responses._clients import is_async
from assistants_codemods.responses._items import items_of
from assistants_codemods.responses._runs import SAME, is_streamed, options, run_arguments
from assistants_codemods.responses._settings import Arguments
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import assigned_name, names_in

_RUNS = "beta.threads.runs"
_BY_ID = {f"{_RUNS}.retrieve": "retrieve", f"{_RUNS}.cancel": "cancel"}


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Rewrite the calls; polls first, since they decide what is made in the background."""
    for site in plan.sites(f"{_RUNS}.poll"):
        _poll(plan, site)
    for site in plan.sites(f"{_RUNS}.create", f"{_RUNS}.create_and_poll"):
        if not is_streamed(site):
            _start(plan, site)
    for site in plan.sites("beta.threads.create_and_run", "beta.threads.create_and_run_poll"):
        if not is_streamed(site):
            _start_with_thread(plan, site)
    for path, method in _BY_ID.items():
        for site in plan.sites(path):
            _by_id(plan, site, method)


def _start(plan: Plan, site: CallSite) -> None:
    group = plan.group(site)
    if site.argument("thread_id") is None and all(argument.name is not None for argument in site.arguments):
        plan.refuse(site.module, site.node, "AC020", "The thread of this run is not given by name", group, site=site)
        return
    plan.claim(site.node)
    arguments = run_arguments(plan, site, group, background=site.path == f"{_RUNS}.create")

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        given = Given(site, updated)
        return given.with_arguments(arguments(given, rewriter), "create")

    plan.edit(site.module, site.node, build, group)


def _start_with_thread(plan: Plan, site: CallSite) -> None:
    """The conversation is made inside the call: its id is all that a response needs of it."""
    group = plan.group(site)
    thread = site.argument("thread")
    fields = entries(thread.node.value) if thread is not None else {}
    if fields is None or not fields.keys() <= {"messages", "metadata"} or not isinstance(site.node.func, cst.Attribute):
        plan.refuse(site.module, site.node, "AC070", "The thread of this run is more than messages and metadata", group, site=site)
        return
    plan.claim(site.node)
    arguments = run_arguments(plan, site, group, background=site.path == "beta.threads.create_and_run")
    messages = fields.get("messages")
    convert = None if messages is None else items_of(plan, site, _as_argument(plan, messages), group)
    awaits = is_async(plan, site)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        func = updated.func
        assert isinstance(func, cst.Attribute)
        assert isinstance(func.value, cst.Attribute)
        given = Given(site, updated)
        made: Arguments = []
        new_thread = entries(given.value("thread")) or {}
        if convert is not None:
            made.append(("items", convert(new_thread["messages"])))
        if "metadata" in new_thread:
            made.append(("metadata", new_thread["metadata"]))
        start = layed_out(cst.Call(cst.Attribute(func.value, cst.Name("create"))), made)
        conversation = expression("(await {start}).id" if awaits else "{start}.id", start=start)
        responses = cst.Attribute(cst.Attribute(func.value.value, cst.Name("responses")), cst.Name("create"))
        return given.with_arguments([("conversation", conversation), *arguments(given, rewriter)]).with_changes(func=responses)

    plan.edit(site.module, site.node, build, group)


def _as_argument(plan: Plan, messages: cst.BaseExpression) -> Argument:
    return Argument("messages", cst.Arg(messages), plan.value(messages))


def _by_id(plan: Plan, site: CallSite, method: str) -> None:
    group = plan.group(site)
    if not _is_understood(plan, site, ("run_id", "thread_id", *SAME), group):
        return
    plan.claim(site.node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        given = Given(site, updated)
        run = given.value("run_id")
        assert run is not None
        return given.with_arguments([(None, run), *options(given)], method)

    plan.edit(site.module, site.node, build, group)


def _is_understood(plan: Plan, site: CallSite, known: tuple[str, ...], group: int) -> bool:
    strange = next((argument for argument in site.arguments if argument.name not in known), None)
    if strange is not None:
        reason = "These arguments are not written out" if strange.name is None else f"responses has no `{strange.name}`"
        plan.refuse(site.module, strange.node, "AC026" if strange.name is None else "AC061", reason, group, site=site)
        return False
    if site.argument("run_id") is None:
        plan.refuse(site.module, site.node, "AC020", f"{site.path} is called without run_id", group, site=site)
        return False
    return True


def _poll(plan: Plan, site: CallSite) -> None:
    group = plan.group(site)
    if not _is_understood(plan, site, ("run_id", "thread_id", "poll_interval_ms", *SAME), group):
        return
    plan.claim(site.node)
    argument = site.argument("run_id")
    assert argument is not None
    node = argument.node.value
    start = _started_here(plan, site, node)
    if start is not None and isinstance(node, cst.Attribute):
        plan.blocking.add(start.node)
        plan.claim(node)
        run = node.value
        whole = site.module.parents[site.node] if site.is_awaited else site.node
        plan.edit(site.module, whole, lambda updated, rewriter: rewriter.new(run), plan.group(site, start))
        return
    part = "await_response" if is_async(plan, site) else "wait_for"
    plan.want_part(site.module, part, group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        assert isinstance(updated.func, cst.Attribute)
        polled = Given(site, updated).value("run_id")
        assert polled is not None
        return expression(f"{part}({{responses}}, {{run}})", responses=updated.func.value, run=polled)

    plan.edit(site.module, site.node, build, group)


def _started_here(plan: Plan, site: CallSite, run_id: cst.BaseExpression) -> CallSite | None:
    """The call that made the run which `run_id` is `name.id` of, if that name is assigned once, in the same function."""
    if not (isinstance(run_id, cst.Attribute) and run_id.attr.value == "id" and isinstance(run_id.value, cst.Name)):
        return None
    name = run_id.value.value
    function = site.module.function_of(site.node)
    starts = [
        start
        for start in plan.program.sites.values()
        if start.path == f"{_RUNS}.create"
        and start.module is site.module
        and site.module.function_of(start.node) is function
        and assigned_name(start.module, start.node) == name
    ]
    scope = function.node if function is not None else site.module.tree
    stores = [use for use in names_in(scope, name) if isinstance(site.module.parents.get(use), cst.AssignTarget)]
    is_cancelled = any(plan.has(plan.group(start), f"{_RUNS}.cancel") for start in starts)
    return starts[0] if len(starts) == 1 and len(stores) == 1 and not is_cancelled else None
