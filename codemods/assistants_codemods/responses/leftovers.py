"""What no other fixer took holds its group back: calls without a counterpart, fields that mean something else, objects that get away.

    steps = client.beta.threads.runs.steps.list(…)      →  stays, and with it the thread's whole life (AC020)
    return jsonify(run.model_dump())                    →  stays (AC023)

Guide: docs/codemods.md, under the code that the report names.
"""

from __future__ import annotations

from assistants_codemods.flow.kinds import ASSISTANTS_RESOURCES, IDS, RAW, SERIALISERS
from assistants_codemods.flow.program import CallSite, Escape
from assistants_codemods.plan import Plan, Read
from assistants_codemods.registry import fixer

UNCHANGED = frozenset(
    {
        ("usage", "total_tokens"),
        ("run", "id"),
        ("run", "model"),
        ("run", "metadata"),
        ("run", "created_at"),
        ("message", "id"),
        ("message", "role"),
        ("message", "status"),
        ("deleted", "id"),
        ("deleted", "deleted"),
        ("file", "id"),
        ("vector_store", "id"),
    }
)
"""Fields that are called the same on the native object and mean the same, where no fixer says more."""


@fixer("responses", "leftovers")
def fix(plan: Plan) -> None:
    """Refuse the groups of everything that is left over."""
    for site in list(plan.program.sites.values()):
        if site.node not in plan.claimed:
            group = plan.group(site)
            if site.indirect:
                plan.refuse(site.module, site.node, "AC024", f"{site.path} is called by {_caller(site)}", group, site=site)
            elif any(raw in site.path for raw in RAW):
                plan.refuse(site.module, site.node, "AC027", f"{site.path} shows the reply on the wire", group, site=site)
            else:
                plan.refuse(site.module, site.node, "AC020", f"No transformation knows {site.path}", group, site=site)
    for read in plan.all_reads():
        _read(plan, read)
    for escape in plan.program.escapes.values():
        _escape(plan, escape)


def _read(plan: Plan, read: Read) -> None:
    if (
        (read.kind, read.name) in UNCHANGED
        or read.kind in ("file", "file_content")
        or read.kind.startswith(("page[", "list[", "vector_store"))
    ):
        return
    if read.name in SERIALISERS:
        return  # an escape, told below
    plan.refuse(read.module, read.node, "AC025", f"`{read.name}` of a {read.kind} has no counterpart", read.group)


def _escape(plan: Plan, escape: Escape) -> None:
    kind = escape.atom.kind
    while kind.startswith("list[") and kind[5:-1] in IDS:
        kind = kind[5:-1]  # ids are texts, however many
    group = plan.group(frozenset({escape.atom}))
    if escape.node in plan.claimed:
        return
    if kind.endswith("()") or kind in ASSISTANTS_RESOURCES:
        _handed_on(plan, escape)
    elif kind not in IDS and kind not in _FIELDS and (escape.shows or kind not in HARMLESS):
        plan.refuse(escape.module, escape.node, "AC023", f"{_with_article(kind)} goes to {escape.into}", group)


def _with_article(kind: str) -> str:
    return f"{'An' if kind[0] in 'aeiou' else 'A'} {kind}"


def _handed_on(plan: Plan, escape: Escape) -> None:
    """A method or resource that gets away may be called with any thread that the module's calls on the same client know."""
    for site in plan.program.sites.values():
        if site.client == escape.atom.origin and site.module is escape.module:
            group = plan.group(site)
            plan.refuse(escape.module, escape.node, "AC024", f"{escape.atom.kind} is handed to {escape.into}", group)


def _caller(site: CallSite) -> str:
    return f"{site.module.code(site.node.func)}(…)"


_FIELDS = frozenset({"tool_resources"})
"""Kinds that only a read gives, which is refused already."""
HARMLESS = frozenset({"thread", "deleted", "vector_store", "file", "assistant"})
"""Kinds whose native objects read alike, as far as programs were seen to read them."""
