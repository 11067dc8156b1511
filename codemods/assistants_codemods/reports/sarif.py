"""A result as SARIF 2.1.0: what code scanning services and editors read."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

from assistants_codemods.codes import CODES, Code
from assistants_codemods.findings import Finding, Place, Site, Verdict
from assistants_codemods.reports.values import used_codes
from assistants_codemods.running import Result
from assistants_codemods.tree import Tree

_USE = "AC000"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(result: Result) -> dict[str, Any]:
    """The log: a result for each use and each finding, a rule for each code."""
    ids = sorted({_USE} | used_codes(result)) if result.sites else sorted(used_codes(result))
    index = {code: number for number, code in enumerate(ids)}
    results = [_use(site, index, result.tree) for site in result.sites]
    results += [_finding(finding, index, result.tree) for finding in (*result.findings, *result.failures)]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "assistants-compat", **_version(), "rules": [_rule(code) for code in ids]}},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": not result.has_failed}],
                "results": results,
            }
        ],
    }


def _version() -> dict[str, str]:
    try:
        return {"version": version("assistants-compat")}
    except PackageNotFoundError:
        return {}


def _rule(code: str) -> dict[str, Any]:
    known = CODES.get(code) or Code(code, code, code, "See the message.", "warning")
    return {
        "id": known.id,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.explanation},
        "help": {"text": known.what_to_do},
        "defaultConfiguration": {"level": known.severity},
    }


def _use(site: Site, index: dict[str, int], tree: Tree) -> dict[str, Any]:
    refusals = [verdict.refusal for verdict in (site.shim, site.responses) if verdict.refusal]
    text = f"{site.call} ({site.client}). To the shim: {_word(site.shim)} To Responses: {_word(site.responses)}"
    value = _result(_USE, "warning", text, site.place, index, tree)
    related = [{**_location(refusal.place, tree), "message": {"text": f"{refusal.code}: {refusal.reason}"}} for refusal in refusals]
    if related:
        value["relatedLocations"] = [{"id": number, **location} for number, location in enumerate(related, 1)]
    return value


def _word(verdict: Verdict) -> str:
    return f"{verdict.refusal.code}: {verdict.refusal.reason}" if verdict.refusal else "automatic."


def _finding(finding: Finding, index: dict[str, int], tree: Tree) -> dict[str, Any]:
    return _result(finding.code, finding.severity, finding.message, finding.place, index, tree)


def _result(code: str, level: str, text: str, place: Place, index: dict[str, int], tree: Tree) -> dict[str, Any]:
    cell = tree.cell(place)
    return {
        "ruleId": code,
        "ruleIndex": index[code],
        "level": level,
        "message": {"text": text if cell is None else f"Cell {cell[0]}, line {cell[1]}: {text}"},
        "locations": [_location(place, tree)],
    }


def _location(place: Place, tree: Tree) -> dict[str, Any]:
    """A place. Of a notebook only the file: a line of its JSON would help nobody, so the message has the cell."""
    uri = quote(place.path.encode("utf-8", "surrogateescape"))
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if tree.cell(place) is None:
        physical["region"] = {"startLine": max(1, place.line), "startColumn": max(1, place.column)}
    return {"physicalLocation": physical}
