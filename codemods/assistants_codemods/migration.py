"""From sources to an outcome: the whole of a codemod run that needs no files. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import libcst as cst

from assistants_codemods import generated
from assistants_codemods.annotating import annotate
from assistants_codemods.configuring import configurations
from assistants_codemods.findings import UNASKED, Change, Finding, Outcome, Place, Refusal, Site, Target, Verdict
from assistants_codemods.flow.analysis import Analysis
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import CallSite, Program, Tree
from assistants_codemods.importing import with_imports
from assistants_codemods.placing import Placing
from assistants_codemods.plan import GENERATED, Plan
from assistants_codemods.registry import fixers
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.source import Source


@dataclass(frozen=True)
class Options:
    """What a run is asked for."""

    target: Target | None = None
    """Where to; None for an inventory only, with the verdicts for both."""
    verdicts: tuple[Target, ...] = ("shim", "responses")
    """The targets that every site's verdict is wanted for; where there are fewer, a run takes less time."""
    only: frozenset[str] | None = None
    """The ids of the fixers to use, where not all."""
    skip: frozenset[str] = field(default_factory=frozenset)
    partial: bool = False
    """Whether a group may be migrated in part, its seams marked."""
    annotate: bool = False
    """Whether what is left gets a `# TODO(assistants-compat AC…)` comment."""
    today: date = field(default_factory=date.today)
    """The day that models are gone or going as of."""
    assistants: str | None = None
    """The text of an exported assistants.json, which fills the generated module; `configuring.configurations` takes it."""


def migrate(sources: Sequence[Source], options: Options, tree: Tree) -> Outcome:
    """What becomes of one application: `sources` are its files that may change, `tree` has the files around them."""
    analysis = Analysis(sources, tree)
    program = analysis.run()
    paths = [source.path for source in sources]
    plans: dict[Target, Plan] = {}
    for target in options.verdicts:
        plans[target] = _plan(program, target, paths, options)
    changes: tuple[Change, ...] = ()
    labels: dict[str, str] = {}
    if options.target is not None:
        changes = _changes(plans[options.target], tree, options)
        labels = {change.path: change.group for change in changes}
    findings = {finding: None for plan in plans.values() if options.target in (None, plan.target) for finding in plan.notes}
    return Outcome(
        paths=tuple(sorted(program.modules)),
        sites=tuple(_site(program, site, plans, labels) for site in sorted(program.sites.values(), key=lambda site: site.place)),
        findings=tuple(sorted(findings, key=lambda finding: (finding.place, finding.code))),
        changes=changes,
        reasons=_reasons(plans[options.target]) if options.target else (),
        failures=tuple(analysis.failures),
    )


def _plan(program: Program, target: Target, paths: Sequence[str], options: Options) -> Plan:
    plan = Plan(program, target, paths, options, options.today)
    if target == "responses" and options.assistants is not None:
        plan.configurations = {identifier: (source, set()) for identifier, source in configurations(options.assistants).items()}
    for fixer in fixers():
        if fixer.target not in (None, target) or fixer.id in options.skip or (options.only is not None and fixer.id not in options.only):
            continue
        plan.fixer = fixer.id
        fixer.fix(plan)
    return plan


def _reasons(plan: Plan) -> tuple[Refusal, ...]:
    return tuple(sorted({refusal for refusals in plan.refusals.values() for refusal in refusals}, key=lambda reason: reason.place))


# Changes


def _changes(plan: Plan, tree: Tree, options: Options) -> tuple[Change, ...]:
    edits: dict[Module, dict[cst.CSTNode, list[Callable[..., cst.CSTNode]]]] = defaultdict(lambda: defaultdict(list))
    used: dict[Module, set[str]] = defaultdict(set)
    groups: dict[Module, set[int]] = defaultdict(set)
    find = plan.program.groups.find
    for edit in plan.edits:
        if options.partial or not plan.refused(edit.group):
            edits[edit.module][edit.node].append(edit.build)
            used[edit.module].add(edit.fixer)
            groups[edit.module].add(find(edit.group))
    if options.annotate or options.partial:
        for module, node, build in annotate(plan, only_seams=not options.annotate):
            edits[module][node].append(build)
            used[module].add("annotate")
    needing = sorted({module.path for module, dotted, _, group in plan.imports if dotted == GENERATED and module in edits})
    placing = Placing(plan.program, tree, needing)
    found = []
    for module, wanted in edits.items():
        imports = {
            (placing.dotted_for(module) if dotted == GENERATED else dotted, name)
            for importer, dotted, name, group in plan.imports
            if importer is module and (options.partial or not plan.refused(group))
        }
        after = with_imports(module.source.text, module.tree.visit(Rewriter(module.tree, wanted)), imports).code
        if not module.source.text.startswith(("\n", "\r")):
            after = after.lstrip("\r\n")  # the first import has gone
        if after != module.source.text:
            compile(after, module.path, "exec", dont_inherit=True, flags=_TOP_LEVEL_AWAIT)
            found.append((module, after))
    labels = _labels({module.path: groups[module] for module, _ in found})
    changes = [Change(module.path, module.source.text, after, tuple(sorted(used[module])), labels[module.path]) for module, after in found]
    parts = {part for part, needed in plan.parts.items() if any(options.partial or not plan.refused(group) for group in needed)}
    if parts and changes:
        path = placing.path
        existing = tree.source(path)
        configured = {
            identifier: source
            for identifier, (source, needed) in plan.configurations.items()
            if "ASSISTANTS" in parts and (not needed or any(options.partial or not plan.refused(group) for group in needed))
        }
        text = generated.generated(parts, configured, existing.text if existing else None)
        if existing is None or existing.text != text:
            changes.append(Change(path, existing.text if existing else None, text, ("generated",), changes[0].group, shared=True))
    return tuple(changes)


_TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT: notebooks have it


def _labels(groups: dict[str, set[int]]) -> dict[str, str]:
    """A label for each file: files that share a group have the same one, the first of their paths."""
    labels: dict[str, str] = {}
    for path in sorted(groups):
        if path in labels:
            continue
        members, numbers = {path}, set(groups[path])
        grown = True
        while grown:
            more = {other for other in groups if other not in members and groups[other] & numbers}
            grown = bool(more)
            members |= more
            numbers |= {number for other in more for number in groups[other]}
        labels.update(dict.fromkeys(members, path))
    return labels


# Sites


def _site(program: Program, site: CallSite, plans: dict[Target, Plan], labels: dict[str, str]) -> Site:
    origin = program.client_of(site)
    where = f" at {origin.module.place(origin.node)}" if origin.module is not None and origin.node is not None else ""
    return Site(
        place=site.place,
        call=site.path,
        text=site.module.line(site.node),
        client=f"{origin.how}{where}" if origin.what != "presumed" else f"{origin.how}, by the shape of the call",
        group=labels.get(site.module.path, f"{site.module.path}#{program.groups.find(site.index)}"),
        shim=_verdict(plans["shim"], site) if "shim" in plans else UNASKED,
        responses=_verdict(plans["responses"], site) if "responses" in plans else UNASKED,
    )


def _verdict(plan: Plan, site: CallSite) -> Verdict:
    own = plan.site_refusals.get(site.node)
    if own is not None:
        return Verdict(refusal=own)
    reasons = plan.refused(plan.group(site))
    if reasons:
        first = min(reasons, key=lambda refusal: refusal.place)
        return Verdict(refusal=Refusal("AC021", first.place, f"Held back: {first.reason}"))
    claimed = plan.claimed.get(site.node)
    if claimed is None:
        return Verdict(refusal=Refusal("AC020", site.place, f"No transformation knows {site.path}"))
    return Verdict(fixers=(claimed,) if claimed else ())


__all__ = ["Finding", "Options", "Place", "migrate"]
