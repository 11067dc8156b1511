"""Every code that a report can have: what it means, why it is so, and what to do. `docs/codemods.md` and the HTML page say the same."""

from __future__ import annotations

from dataclasses import dataclass

from assistants_codemods.findings import Severity
from assistants_codemods.refusals import REFUSALS


@dataclass(frozen=True)
class Code:
    """One code. Codes are stable: a number is never used again for something else."""

    id: str
    title: str
    explanation: str
    what_to_do: str
    severity: Severity


def _table(*codes: Code) -> dict[str, Code]:
    return {code.id: code for code in codes}


# AC000: a use itself. AC001 to AC019: files, notebooks, dependencies, writing. From AC020 on: the code itself.
CODES: dict[str, Code] = _table(
    Code(
        "AC000",
        "A use of the Assistants API",
        "OpenAI switched the Assistants API off on 2026-08-26: this call is answered with an error, unless the shim answers it.",
        "Run `assistants-compat migrate --to shim` or `--to responses`.",
        "warning",
    ),
    Code(
        "AC001",
        "The file is not valid Python",
        "The file has words of the Assistants API, but cannot be parsed, so nothing in it can be understood.",
        "Correct the syntax, or leave the file out if it is a template. Syntax newer than the installed libcst needs a newer libcst.",
        "error",
    ),
    Code(
        "AC002",
        "The file cannot be read",
        "The operating system refused to open the file, or it is not a regular file.",
        "Give yourself the right to read it, and run again.",
        "error",
    ),
    Code(
        "AC003",
        "The file's encoding is not what it says",
        "The bytes do not fit the encoding that a BOM or a coding comment names (UTF-8 where there is none), or there are nul bytes.",
        "Save the file as UTF-8, or correct its coding comment.",
        "error",
    ),
    Code(
        "AC004",
        "The file is very large",
        "Files of more than 2 MB are most likely generated or data, and parsing them takes minutes.",
        "Split the file, or change the program that generates it.",
        "warning",
    ),
    Code(
        "AC005",
        "A symbolic link is not followed",
        "The link leads out of the tree, where nothing may be changed, or nowhere.",
        "Run again in the place the link leads to, if that is yours.",
        "note",
    ),
    Code(
        "AC006",
        "The notebook cannot be read",
        "The file is not a notebook of format 3 or 4: its JSON is broken, or its cells are not where they should be.",
        "Open it in Jupyter and save it again.",
        "error",
    ),
    Code(
        "AC007",
        "A notebook cell stays as it is",
        "The cell is not Python on its own: a syntax error, or a magic that is not known.",
        "Rewrite this cell by hand; the other cells are rewritten without it.",
        "warning",
    ),
    Code(
        "AC008",
        "The change reaches beyond the paths given",
        "Files are migrated together where a client, a thread or a run passes from one to the other, and one of these was not given.",
        "Run again with the file named here, or with the whole folder.",
        "warning",
    ),
    Code(
        "AC009",
        "The codemods failed",
        "A mistake of the codemods themselves. The files concerned stay as they are.",
        "Please report it with the message and, if you may, the file.",
        "error",
    ),
    Code(
        "AC010",
        "No dependency file was found",
        "The rewritten code needs a package, and no requirements file, pyproject.toml, setup.cfg, Pipfile or environment.yml names openai.",
        "Add `assistants-compat` to whatever your environment is made from.",
        "warning",
    ),
    Code(
        "AC011",
        "A dependency is written in a way that is not rewritten",
        "The list of dependencies is computed, optional, or in a form that cannot be changed without guessing.",
        "Add `assistants-compat` there by hand.",
        "warning",
    ),
    Code(
        "AC012",
        "The pin of openai was raised",
        "The shim needs openai>=1.66,<4, and the version asked for here is another.",
        "Install again and run your tests: a newer SDK may have other changes as well.",
        "warning",
    ),
    Code(
        "AC013",
        "The pin of openai is too old or too new",
        "The shim needs openai>=1.66,<4. This pin has hashes, is compiled from another file, or is a constraint, so it was not changed.",
        "Raise it where it comes from, and compile or lock again.",
        "warning",
    ),
    Code(
        "AC014",
        "Native code needs openai 1.101 or newer",
        "The Conversations API came into the SDK with openai 1.101.0, and the version asked for here is older, or may be.",
        "Require `openai>=1.101`.",
        "warning",
    ),
    Code(
        "AC015",
        "A lock file has to be made again",
        "A dependency changed, and the lock file beside it does not know that yet.",
        "Run the command named here.",
        "note",
    ),
    Code(
        "AC016",
        "The file changed in the meantime",
        "The file on disk is no longer the one that was read, or one has appeared where a new one was to be written.",
        "Run again.",
        "error",
    ),
    Code(
        "AC017",
        "A file could not be written",
        "The operating system refused. Everything of the same group has been put back.",
        "Give yourself the right to write there, and run again.",
        "error",
    ),
    Code(
        "AC018",
        "The rewritten file does not fit its encoding",
        "The new text has characters that the encoding of the file does not have.",
        "Save the file as UTF-8 and run again.",
        "error",
    ),
    Code(
        "AC019",
        "The user's tests got worse",
        "The command given with --verify had a worse result after this group was written, so the group was put back.",
        "Look at the tests named here; write the group without --verify to see them fail.",
        "error",
    ),
    *(Code(*row) for row in REFUSALS),
)
