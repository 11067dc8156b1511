"""The client of the SDK's module itself, `openai.beta…`, is installed once.

    import openai
    openai.beta.threads.create()

becomes

    import assistants_compat
    import openai

    assistants_compat.install()
    openai.beta.threads.create()

Guide: README.md, "Four ways in"
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.shim._clients import SHIM, clients_of


@fixer("shim", "calls")
def fix(plan: Plan) -> None:
    """Install the shim in the modules that use `openai.beta`."""
    done: set[Module] = set()
    installed = set(plan.program.installed.values())
    for site in sorted(plan.program.sites.values(), key=lambda site: site.place):
        for number in clients_of(site):
            origin = plan.program.origins[number]
            if origin.what != "module" or origin.module is None:
                continue
            plan.claim(site.node)
            if installed or origin.module in done:
                continue
            done.add(origin.module)
            _install(plan, origin.module, plan.group(site))


def _install(plan: Plan, module: Module, group: int) -> None:
    """After the imports at the top, so that whatever follows finds it done."""
    imports = [
        statement
        for statement in module.tree.body
        if isinstance(statement, cst.SimpleStatementLine)
        and all(isinstance(small, cst.Import | cst.ImportFrom) or _is_text(small) for small in statement.body)
    ]
    last = imports[-1]
    plan.want_import(module, SHIM, None, group)
    plan.insert_after(module, last, f"\n{SHIM}.install()\n", group)


def _is_text(small: cst.BaseSmallStatement) -> bool:
    return isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString)
