"""A result as plain JSON values: the schema is `report.schema.json` beside this module, and `VERSION` names it."""

from __future__ import annotations

from typing import Any

from assistants_codemods.codes import CODES
from assistants_codemods.findings import Finding, Place, Refusal, Verdict
from assistants_codemods.reports.diffs import unified
from assistants_codemods.running import Result
from assistants_codemods.tree import Tree

VERSION = 1


def values(result: Result, *, written: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Everything of `result`. `written` has the paths that were written to."""
    tree = result.tree
    return {
        "version": VERSION,
        "target": result.target,
        "summary": summary(result),
        "sites": [
            {
                **_place(site.place, tree),
                "call": site.call,
                "text": site.text,
                "client": site.client,
                "group": site.group,
                "shim": _verdict(site.shim, tree),
                "responses": _verdict(site.responses, tree),
            }
            for site in result.sites
        ],
        "findings": [_finding(finding, tree) for finding in result.findings],
        "reasons": [_refusal(reason, tree) for reason in result.reasons],
        "failures": [_finding(failure, tree) for failure in result.failures],
        "changes": [
            {
                "path": shown(edit.path),
                "new": edit.before is None,
                "written": edit.path in written,
                "group": edit.change.group,
                "fixers": list(edit.change.fixers),
                "diff": unified(edit, tree),
            }
            for edit in result.edits
        ],
        "codes": {code: CODES[code].title for code in sorted(used_codes(result)) if code in CODES},
    }


def summary(result: Result) -> dict[str, int]:
    """The counts of a result."""
    return {
        "files": len(result.tree.selected),
        "files_with_words": result.files_with_words,
        "files_with_uses": len({site.place.path for site in result.sites}),
        "uses": len(result.sites),
        "to_shim": sum(site.shim.is_automatic for site in result.sites),
        "to_responses": sum(site.responses.is_automatic for site in result.sites),
        "rewritten": len(result.rewritten) if result.target else 0,
        "left": len(result.left),
        "findings": len(result.findings),
        "failures": len(result.failures),
        "changes": len(result.edits),
    }


def used_codes(result: Result) -> set[str]:
    """The codes that a report of `result` has in it."""
    refusals = [verdict.refusal for site in result.sites for verdict in (site.shim, site.responses) if verdict.refusal]
    return {refusal.code for refusal in (*refusals, *result.reasons)} | {finding.code for finding in (*result.findings, *result.failures)}


def shown(path: str) -> str:
    """A path that may be printed: bytes of a name that are not UTF-8 become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _verdict(verdict: Verdict, tree: Tree) -> dict[str, Any]:
    refusal = None if verdict.refusal is None else _refusal(verdict.refusal, tree)
    return {"automatic": verdict.is_automatic, "fixers": list(verdict.fixers), "refusal": refusal}


def _refusal(refusal: Refusal, tree: Tree) -> dict[str, Any]:
    return {"code": refusal.code, **_place(refusal.place, tree), "reason": refusal.reason}


def _finding(finding: Finding, tree: Tree) -> dict[str, Any]:
    return {"code": finding.code, "severity": finding.severity, **_place(finding.place, tree), "message": finding.message}


def _place(place: Place, tree: Tree) -> dict[str, Any]:
    value: dict[str, Any] = {"path": shown(place.path), "line": place.line, "column": place.column}
    cell = tree.cell(place)
    if cell is not None:
        value["cell"], value["line"] = cell
    return value
