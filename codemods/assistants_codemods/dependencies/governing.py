"""Which dependency files stand over a program: those of the nearest folder, upwards, that name openai."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from assistants_codemods.dependencies import conda, requirements, setup_files, toml_files
from assistants_codemods.dependencies.pins import Adapted, Mentions, Note


@dataclass(frozen=True)
class Form:
    """What can be done with one kind of dependency file, as text."""

    mentions: Callable[[str], Mentions]
    with_package: Callable[[str], Adapted]
    without_package: Callable[[str], Adapted]
    old_for_conversations: Callable[[str], tuple[Note, ...]]


_REQUIREMENTS = Form(requirements.mentions, requirements.with_package, requirements.without_package, requirements.old_for_conversations)
_TOML = Form(toml_files.mentions, toml_files.with_package, toml_files.without_package, toml_files.old_for_conversations)
_CONDA = Form(conda.mentions, conda.with_package, conda.without_package, conda.old_for_conversations)
_FORMS: tuple[tuple[re.Pattern[str], Form], ...] = (
    (re.compile(r"pyproject\.toml|Pipfile"), _TOML),
    (re.compile(r"(?:[\w.-]*[-_.])?requirements[\w.-]*\.(?:txt|in)"), _REQUIREMENTS),
    (
        re.compile(r"setup\.cfg"),
        Form(
            setup_files.cfg_mentions,
            setup_files.cfg_with_package,
            setup_files.cfg_without_package,
            setup_files.cfg_old_for_conversations,
        ),
    ),
    (
        re.compile(r"setup\.py"),
        Form(setup_files.py_mentions, setup_files.py_with_package, setup_files.py_without_package, setup_files.py_old_for_conversations),
    ),
    (re.compile(r"environment\.ya?ml"), _CONDA),
)
_IN_FOLDER = re.compile(r"(?!constraints?)[\w.-]+\.(?:txt|in)")  # requirements/base.txt
CONSTRAINTS = re.compile(r"[\w.-]*constraints[\w.-]*\.txt")


@dataclass
class DependencyFile:
    """One dependency file of the tree."""

    path: str
    form: Form
    content: bytes
    text: str
    encoding: str
    mentions: Mentions


class DependencyFiles:
    """The dependency files below `root`, read when they are asked for. What cannot be read or is a link is as if it were not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, list[DependencyFile]] = {}

    def over(self, path: str) -> list[DependencyFile]:
        """The files that stand over the program at `path`: of the nearest folder where one names openai, else of the nearest with any."""
        nearest: list[DependencyFile] = []
        for folder in PurePosixPath(path).parents:
            files = self.of(folder.as_posix())
            named = [file for file in files if file.mentions.openai or file.mentions.ours]
            if named:
                return named
            nearest = nearest or files
        return [file for file in nearest if file.path.endswith("requirements.txt")][:1] or nearest[:1]

    def of(self, folder: str) -> list[DependencyFile]:
        """The dependency files of a folder, the one to prefer first."""
        if folder not in self._folders:
            self._folders[folder] = list(self._read_folder(folder))
        return self._folders[folder]

    def beside(self, path: str, name: str) -> bool:
        """Whether there is a file called `name` in the folder of `path`."""
        return (self.root / path).with_name(name).is_file()

    def constraints(self, path: str) -> list[tuple[str, str]]:
        """The path and text of the constraint files in the folder of `path`."""
        folder = (self.root / path).parent
        files = [file for file in sorted(folder.iterdir()) if CONSTRAINTS.fullmatch(file.name)]
        return [(file.relative_to(self.root).as_posix(), read[1]) for file in files if (read := _decoded(file)) is not None]

    def _read_folder(self, folder: str) -> list[DependencyFile]:
        here = self.root / folder
        try:
            names = sorted(entry.name for entry in here.iterdir())
        except OSError:
            return []
        chosen: dict[str, Form] = {}
        for pattern, form in _FORMS:
            chosen.update({name: form for name in names if pattern.fullmatch(name)})
        if "requirements" in names and (here / "requirements").is_dir():
            chosen.update(
                {
                    f"requirements/{file.name}": _REQUIREMENTS
                    for file in sorted((here / "requirements").iterdir())
                    if _IN_FOLDER.fullmatch(file.name)
                }
            )
        found: dict[str, DependencyFile] = {}
        pending = list(chosen.items())
        while pending:
            name, form = pending.pop(0)
            path = (PurePosixPath(folder) / name).as_posix()
            file = None if path in found else self._read(path, form)
            if file is None:
                continue
            found[path] = file
            if form is _REQUIREMENTS:
                pending += [
                    ((PurePosixPath(name).parent / other).as_posix(), form)
                    for other in requirements.included(file.text)
                    if ".." not in other
                ]
        return list(found.values())

    def _read(self, path: str, form: Form) -> DependencyFile | None:
        read = _decoded(self.root / path)
        if read is None:
            return None
        content, text, encoding = read
        return DependencyFile(path, form, content, text, encoding, form.mentions(text))


def _decoded(file: Path) -> tuple[bytes, str, str] | None:
    """The bytes, the text, and the codec that makes one of the other (PowerShell writes UTF-16)."""
    if file.is_symlink() or not file.is_file():
        return None
    try:
        content = file.read_bytes()
    except OSError:
        return None
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return (content, text, encoding) if text.encode(encoding) == content else None
