"""The import swap taken back: clients none of whose calls stay come from openai again.

    from assistants_compat import OpenAI      →  from openai import OpenAI
    client = assistants_compat.OpenAI()       →  client = openai.OpenAI()
    client = assistants_compat.wrap(client)   →  client = client
    assistants_compat.install()               →  (gone)

A client that has a call which stays, or goes where it is not followed, keeps the shim: native calls go through it as well.
Guide: README.md, "Four ways in"
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import libcst as cst

from assistants_codemods.flow.kinds import CLIENT_CLASSES
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import Api, External
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shim._moving import comment_of, moved_to, taken_out

_SHIM, _SDK = "assistants_compat", "openai"
_CLASSES = frozenset(name.rpartition(".")[2] for name in CLIENT_CLASSES)


@fixer("responses", "imports")
def fix(plan: Plan) -> None:
    """Take every class of clients from the SDK that no call needs from the shim any more."""
    clients = _Clients.of(plan)
    for module in plan.program.modules.values():
        if _SHIM not in module.source.text or module.path not in plan.paths:
            continue
        for statement in module.nodes(cst.ImportFrom):
            if isinstance(statement.module, cst.Name) and statement.module.value == _SHIM and not statement.relative:
                _import(plan, clients, module, statement)
        for node in module.nodes(cst.Attribute):
            if node.attr.value in _CLASSES and _is_the_shim(plan, node.value) and clients.may_go(plan, module, node):
                plan.edit(module, node, _of_the_sdk, clients.group(plan, module, node))
                plan.want_import(module, _SDK, None, clients.group(plan, module, node))
        for call in module.nodes(cst.Call):
            if _is_wrap(plan, call) and not clients.staying_in(plan, call):
                plan.edit(module, call, _unwrapped, clients.group(plan, module, call))
    for call, module in plan.program.installed.items():
        line = module.statement_of(call)
        alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        if isinstance(line, cst.BaseStatement) and alone and not call.args and not clients.staying and module.path in plan.paths:
            group = clients.group(plan, module, call)
            plan.remove(module, line, group)
            _set_apart(plan, module, line, group)


@dataclass
class _Clients:
    """The clients of a program by where their class comes from, and those that keep the shim."""

    staying: set[int]
    """The origins of clients that have a call which stays, or go where they are not followed."""
    supplied: dict[cst.CSTNode, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The origins of the clients whose class is had by an import or an attribute."""
    with_settings: set[cst.CSTNode] = field(default_factory=set)
    """Where the classes come from that are called with settings of the shim."""

    @classmethod
    def of(cls, plan: Plan) -> _Clients:
        program = plan.program
        clients = cls({number for site in program.sites.values() if _stays(plan, site.node, site.index) for number in site.clients})
        clients.staying |= {site.client for site in program.sites.values() if _stays(plan, site.node, site.index)} | program.handed_on
        numbers = defaultdict(set)
        for number, origin in enumerate(program.origins):
            if origin.node is not None:
                numbers[origin.node].add(number)
        for node, classes in program.suppliers.items():
            for source in {external.source for external in classes if external.source is not None}:
                clients.supplied[source] |= numbers[node]
                if isinstance(node, cst.Call) and any(word.keyword is not None and word.keyword.value == "compat" for word in node.args):
                    clients.with_settings.add(source)
        return clients

    def may_go(self, plan: Plan, module: Module, source: cst.CSTNode) -> bool:
        """Whether a class may come from the SDK; what keeps it is told."""
        if source in self.with_settings:
            plan.note(module, source, "AC098", "This client has settings of the shim (compat=…), and goes on coming from it")
            return False
        keeping = self.supplied[source] & self.staying if source in self.supplied else self.staying
        if keeping & plan.program.handed_on:
            plan.note(module, source, "AC098", "This client reaches code that is not followed, and goes on coming from the shim")
        return not keeping

    def staying_in(self, plan: Plan, call: cst.Call) -> set[int]:
        """The clients that a call may return and that keep the shim."""
        return {atom.origin for atom in plan.value(call) if isinstance(atom, Api)} & self.staying

    def group(self, plan: Plan, module: Module, source: cst.CSTNode) -> int:
        """The group of all calls on the clients that `source` is about: the import changes with them, or is put back with them."""
        numbers = self.supplied.get(source) or {atom.origin for atom in plan.value(source) if isinstance(atom, Api)}
        sites = [site for site in plan.program.sites.values() if numbers & {site.client, *site.clients} and not plan.refused(site.index)]
        return plan.group(plan.program.origin(source, "import", module, _SHIM), *sites)


def _stays(plan: Plan, call: cst.Call, group: int) -> bool:
    return call in plan.site_refusals or call not in plan.claimed or bool(plan.refused(group))


def _set_apart(plan: Plan, module: Module, gone: cst.BaseStatement, group: int) -> None:
    """Give the blank lines before a statement that goes to the next one, if it has none."""
    block = module.parents[gone]
    body = list(block.body) if isinstance(block, cst.Module | cst.IndentedBlock) else []
    blank = [line for line in getattr(gone, "leading_lines", ()) if line.comment is None]
    following = body[body.index(gone) + 1 :][:1] if gone in body else []
    if blank and following and not getattr(following[0], "leading_lines", ()):
        plan.edit(module, following[0], lambda updated, rewriter: updated.with_changes(leading_lines=blank), group)


def _is_the_shim(plan: Plan, node: cst.BaseExpression) -> bool:
    return any(isinstance(atom, External) and atom.name == _SHIM for atom in plan.value(node))


def _is_wrap(plan: Plan, call: cst.Call) -> bool:
    is_it = any(isinstance(atom, External) and atom.name == f"{_SHIM}.wrap" for atom in plan.value(call.func))
    return is_it and len(call.args) == 1 and call.args[0].keyword is None and not call.args[0].star


def _of_the_sdk(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return updated.with_changes(value=cst.Name(_SDK))


def _unwrapped(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Call)
    return updated.args[0].value


def _import(plan: Plan, clients: _Clients, module: Module, statement: cst.ImportFrom) -> None:
    """Move the classes that may go; names that the SDK's own import takes go into that."""
    if isinstance(statement.names, cst.ImportStar):
        return
    moved = {alias for alias in statement.names if alias.evaluated_name in _CLASSES and clients.may_go(plan, module, alias)}
    line = module.statement_of(statement)
    if not moved or not isinstance(line, cst.SimpleStatementLine):
        return
    group = plan.group(*(clients.group(plan, module, alias) for alias in moved))
    if _joins_another(module, line) and not any(alias.asname is not None or comment_of(alias) for alias in moved):
        plan.edit(module, line, taken_out(line, statement, moved), group)
        for alias in moved:
            plan.want_import(module, _SDK, alias.evaluated_name, group)
    else:
        plan.edit(module, line, moved_to(_SDK, line, statement, moved), group)


def _joins_another(module: Module, line: cst.SimpleStatementLine) -> bool:
    """Whether the line is at the top of the module, and an import of the SDK is as well."""
    others = [small for other in module.tree.body if isinstance(other, cst.SimpleStatementLine) for small in other.body]
    return module.parents.get(line) is module.tree and any(
        isinstance(small, cst.ImportFrom)
        and isinstance(small.module, cst.Name)
        and small.module.value == _SDK
        and not isinstance(small.names, cst.ImportStar)
        for small in others
    )
