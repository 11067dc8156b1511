"""A result as one HTML page that stands alone: no script, style, font or picture comes from elsewhere."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files

from assistants_codemods.codes import CODES
from assistants_codemods.findings import Finding, Place, Site, Target, Verdict
from assistants_codemods.reports.diffs import Row, Side, rows, sides
from assistants_codemods.reports.values import shown, summary, used_codes
from assistants_codemods.running import Edit, Result
from assistants_codemods.tree import Tree

_NAMES: dict[Target, str] = {"shim": "the shim", "responses": "Responses"}
_WORD = re.compile(r"\w+|\s+|.")
_BACKTICKED = re.compile(r"`([^`]+)`")


def page(result: Result, migrations: Mapping[Target, Result]) -> str:
    """The page: `result` is the inventory, `migrations` what a migration to each target would change."""
    here = files("assistants_codemods.reports")
    title = f"Uses of the Assistants API in {escape(result.tree.root.name or '/')}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{(here / 'page.css').read_text('utf-8')}</style></head><body><main>",
            f"<h1>{title}</h1>",
            *_summary(result),
            *_table(result, migrations),
            *_files(result, migrations),
            *_codes(result, migrations),
            f"</main><script>{(here / 'page.js').read_text('utf-8')}</script></body></html>\n",
        ]
    )


def _summary(result: Result) -> Iterator[str]:
    counts = summary(result)
    uses = counts["uses"]
    yield (
        f'<p class="dim">{counts["files"]} files looked at, {counts["files_with_words"]} with words of the API. '
        "OpenAI switched the Assistants API off on 2026-08-26.</p>"
    )
    cards = [
        (uses, "uses"),
        (counts["files_with_uses"], "files with uses"),
        (counts["findings"], "other findings"),
        (counts["failures"], "files left unread"),
    ]
    yield f'<div class="cards">{"".join(f"<div class=card><b>{number}</b><span>{label}</span></div>" for number, label in cards)}</div>'
    if uses:
        bars = [("To the shim", counts["to_shim"]), ("To Responses", counts["to_responses"])]
        yield '<div class="bars">' + "".join(_bar(label, number, uses) for label, number in bars) + "</div>"


def _bar(label: str, number: int, of: int) -> str:
    share = 100 * number / of
    said = f"{number} of {of} automatically"
    bar = f'<div class="bar" role="img" aria-label="{said}"><i style="width:{share:.1f}%"></i></div>'
    return f'<div class="row"><span>{label}</span>{bar}<span>{said}</span></div>'


def _paths(result: Result, migrations: Mapping[Target, Result]) -> list[str]:
    found = {site.place.path for site in result.sites}
    for run in (result, *migrations.values()):
        found |= {finding.place.path for finding in (*run.findings, *run.failures)} | {edit.path for edit in run.edits}
    return sorted(found)


def _findings_of(path: str, result: Result, migrations: Mapping[Target, Result]) -> list[Finding]:
    """What is told about a file, in the inventory or on the way to a target, each once."""
    told = [finding for run in (result, *migrations.values()) for finding in (*run.findings, *run.failures)]
    return sorted({finding for finding in told if finding.place.path == path}, key=lambda finding: (finding.place, finding.code))


def _table(result: Result, migrations: Mapping[Target, Result]) -> Iterator[str]:
    paths = _paths(result, migrations)
    if not paths:
        yield "<p>Nothing was found.</p>"
        return
    yield '<h2>Files</h2><div class="scroll"><table class="files"><thead><tr><th>file</th>'
    yield '<th class="number">uses</th><th class="number">to the shim</th>'
    yield '<th class="number">to Responses</th><th class="number">findings</th></tr></thead><tbody>'
    for path in paths:
        sites = [site for site in result.sites if site.place.path == path]
        others = _findings_of(path, result, migrations)
        shim = sum(site.shim.is_automatic for site in sites)
        responses = sum(site.responses.is_automatic for site in sites)
        numbers = [len(sites), shim, responses] if sites else ["", "", ""]
        cells = "".join(f'<td class="number">{number}</td>' for number in [*numbers, len(others) or ""])
        yield f'<tr><td class="path"><a href="#{_anchor(path)}"><code>{_text(path)}</code></a></td>{cells}</tr>'
    yield "</tbody></table></div>"


def _files(result: Result, migrations: Mapping[Target, Result]) -> Iterator[str]:
    paths = _paths(result, migrations)
    if not paths:
        return
    yield '<h2>File by file</h2><div class="tools">'
    yield '<input type="search" id="words" placeholder="part of a path" aria-label="part of a path">'
    yield '<label><input type="checkbox" id="left"> only where something is left</label><button id="open">open or close all</button></div>'
    for path in paths:
        sites = [site for site in result.sites if site.place.path == path]
        findings = _findings_of(path, result, migrations)
        edits = [(target, edit) for target, migration in migrations.items() for edit in migration.edits if edit.path == path]
        left = sum(not (site.shim.is_automatic and site.responses.is_automatic) for site in sites) + len(findings)
        opened = " open" if len(paths) <= 5 else ""
        tags = [f'<span class="tag note">{len(sites)} use{"s" * (len(sites) != 1)}</span>'] if sites else []
        tags += [f'<span class="tag no">{left} to look at</span>'] if left else []
        name = f'<span class="path code">{_text(path)}</span>'
        yield f'<details class="file" id="{_anchor(path)}" data-path="{_text(path)}" data-left="{left}"{opened}>'
        yield f"<summary>{name}{''.join(tags)}</summary><div>"
        yield from _sites(sites, result.tree)
        yield from _findings(findings, result.tree)
        for target, edit in edits:
            yield from _diff(target, edit, migrations[target].tree)
        yield "</div></details>"


def _sites(sites: Sequence[Site], tree: Tree) -> Iterator[str]:
    if not sites:
        return
    yield '<div class="scroll"><table class="sites"><thead><tr><th class="number">line</th><th>call</th>'
    yield "<th>to the shim</th><th>to Responses</th></tr></thead><tbody>"
    for site in sites:
        refusals = dict.fromkeys(verdict.refusal for verdict in (site.shim, site.responses) if verdict.refusal)
        why = "".join(
            f'<p class="why">{_code(refusal.code)} {_elsewhere(refusal.place, site.place, tree)}{_prose(refusal.reason)}</p>'
            for refusal in refusals
        )
        call = f'<code class="call">{_text(site.call)}</code> <span class="dim">{_text(site.client)}</span>'
        what = f'<td class="what">{call}<code class="text">{_text(site.text)}</code>{why}</td>'
        verdicts = f'<td data-to="shim">{_verdict(site.shim)}</td><td data-to="Responses">{_verdict(site.responses)}</td>'
        yield f'<tr><td class="number code">{_line(site.place, tree)}</td>{what}{verdicts}</tr>'
    yield "</tbody></table></div>"


def _verdict(verdict: Verdict) -> str:
    if verdict.refusal is None:
        return '<span class="tag yes">automatic</span>'
    return f'<span class="tag no">left</span> {_code(verdict.refusal.code)}'


def _findings(findings: Sequence[Finding], tree: Tree) -> Iterator[str]:
    for finding in findings:
        where = f"line {_line(finding.place, tree)}" if tree.cell(finding.place) is None else _line(finding.place, tree)
        tag = f'<span class="tag {finding.severity}">{finding.severity}</span>'
        yield f'<p class="why">{tag} {_code(finding.code)} <span class="dim">{where}:</span> {_prose(finding.message)}</p>'


def _diff(target: Target, edit: Edit, tree: Tree) -> Iterator[str]:
    new = " (new file)" if edit.before is None else ""
    yield f'<details class="diff" open><summary>Diff: to {_NAMES[target]}{new}</summary>'
    for side in sides(edit, tree):
        if side.cell is not None:
            yield f"<h4>cell {side.cell}</h4>"
        yield f'<div class="scroll"><table>{"".join(_rows(side))}</table></div>'
    yield "</details>"


def _rows(side: Side) -> Iterator[str]:
    pending = list(rows(side))
    while pending:
        count = next((index for index, row in enumerate(pending) if row.kind not in ("old", "new")), len(pending))
        if count == 0:
            yield _row(pending[0], escape(_bare(pending[0])))
            del pending[0]
            continue
        block, pending = pending[:count], pending[count:]
        old, new = ([row for row in block if row.kind == kind] for kind in ("old", "new"))
        marked = [_marked(_bare(a), _bare(b)) for a, b in zip(old, new, strict=True)] if len(old) == len(new) else None
        yield from (_row(row, marked[index][0] if marked else escape(_bare(row))) for index, row in enumerate(old))
        yield from (_row(row, marked[index][1] if marked else escape(_bare(row))) for index, row in enumerate(new))


def _row(row: Row, html: str) -> str:
    if row.kind == "gap":
        return '<tr class="gap"><td colspan="4">⋯</td></tr>'
    sign = {"old": "-", "new": "+"}.get(row.kind, " ")
    numbers = f'<td class="n">{row.old or ""}</td><td class="n">{row.new or ""}</td>'
    return f'<tr class="{row.kind}">{numbers}<td class="s">{sign}</td><td>{html}</td></tr>'


def _marked(old: str, new: str) -> tuple[str, str]:
    """Two lines, what differs between them marked; where hardly anything is the same, nothing is."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < 0.5:
        return escape(old), escape(new)
    left = right = ""
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        was, now = escape("".join(a[i1:i2])), escape("".join(b[j1:j2]))
        left += was if tag == "equal" or not was else f"<mark>{was}</mark>"
        right += now if tag == "equal" or not now else f"<mark>{now}</mark>"
    return left, right


def _codes(result: Result, migrations: Mapping[Target, Result]) -> Iterator[str]:
    used = sorted(used_codes(result).union(*map(used_codes, migrations.values())))
    if not used:
        return
    yield '<h2>What the codes mean</h2><dl class="codes">'
    for code in used:
        known = CODES.get(code)
        said = f"<dd>{_prose(known.explanation)}</dd><dd><b>What to do:</b> {_prose(known.what_to_do)}</dd>" if known else ""
        yield f'<div id="{_text(code)}"><dt><code>{_text(code)}</code> {_prose(known.title) if known else ""}</dt>{said}</div>'
    yield "</dl>"


def _code(code: str) -> str:
    title = CODES[code].title if code in CODES else code
    return f'<a href="#{_text(code)}" title="{_text(title)}"><code>{_text(code)}</code></a>'


def _elsewhere(place: Place, site: Place, tree: Tree) -> str:
    if place == site:
        return ""
    where = f"line {place.line}" if place.path == site.path and tree.cell(place) is None else shown(tree.where(place))
    return f'<span class="dim">{_text(where)}:</span> '


def _line(place: Place, tree: Tree) -> str:
    cell = tree.cell(place)
    return str(place.line) if cell is None else f"cell {cell[0]}, line {cell[1]}"


def _bare(row: Row) -> str:
    return shown(row.text.rstrip("\r\n"))


def _text(value: str) -> str:
    return escape(shown(value))


def _prose(value: str) -> str:
    """A sentence in which code stands between backticks."""
    return _BACKTICKED.sub(r"<code>\1</code>", _text(value))


def _anchor(path: str) -> str:
    return "file-" + re.sub(r"[^\w.-]", lambda match: f"_{ord(match[0]):x}_", shown(path))
