"""Which file of the tree an import means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n;#]*)|import[ \t]+([\w., \t]+))", re.MULTILINE)
_NAME = re.compile(r"\w+")


def imports_in(text: str) -> Iterator[tuple[str, int]]:
    """The modules that a text imports, told by its lines alone: dotted name and level, `from a import b` as `a` and `a.b`."""
    for dots, module, names, plain in _IMPORT.findall(text):
        if plain:
            for part in plain.split(","):
                dotted = part.split()[0] if part.split() else ""
                if dotted:
                    yield dotted, 0
        else:
            if module:
                yield module, len(dots)
            for name in _NAME.findall(names):
                if name != "as":
                    yield f"{module}.{name}" if module else name, len(dots)


class ModuleFinder:
    """Finds modules by name among `paths`, as seen from another module: beside it, above it, or from a root that nobody named."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = frozenset(paths)
        self._by_tail: dict[str, list[str]] = {}
        for path in sorted(self._paths):
            self._by_tail.setdefault(path.rpartition("/")[2], []).append(path)

    def find(self, importer: str, dotted: str, level: int) -> str | None:
        """The path of the module `dotted` for the module at `importer`, `level` dots before it; None where it is not of the tree.

        An absolute import is looked for in the importer's folder and the folders above, the nearest first: programs are started from
        folders that the code does not tell. Where neither has it, a single file whose path ends that way is taken.
        """
        folders = importer.split("/")[:-1]
        parts = dotted.split(".") if dotted else []
        if level:
            base = folders[: len(folders) - level + 1] if level - 1 <= len(folders) else None
            return None if base is None else self._at([*base, *parts])
        for depth in range(len(folders), -1, -1):
            found = self._at([*folders[:depth], *parts])
            if found is not None:
                return found
        return self._ending_in(parts)

    def imported_by(self, path: str, text: str) -> set[str]:
        """The files of the tree that the module at `path` imports."""
        found = {self.find(path, dotted, level) for dotted, level in imports_in(text)}
        return {other for other in found if other is not None and other != path}

    def _at(self, parts: list[str]) -> str | None:
        joined = "/".join(parts)
        for path in (f"{joined}.py", f"{joined}/__init__.py" if joined else "__init__.py"):
            if path in self._paths:
                return path
        return None

    def _ending_in(self, parts: list[str]) -> str | None:
        if len(parts) < 2:
            return None  # a single word is most likely a library's
        tail = "/".join(parts)
        found = [
            path
            for name in (f"{parts[-1]}.py", "__init__.py")
            for path in self._by_tail.get(name, ())
            if path.endswith((f"/{tail}.py", f"/{tail}/__init__.py"))
        ]
        return found[0] if len(found) == 1 else None
