"""Where the generated module goes, and under which name each module imports it."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from assistants_codemods.flow.imports import ModuleFinder, imports_in
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import Program, Tree
from assistants_codemods.generated import NAME


class Placing:
    """The generated module stands in the deepest folder that all who need it are in or below, or at the root they import from."""

    def __init__(self, program: Program, tree: Tree, paths: Sequence[str]) -> None:
        self._tree = tree
        self._finder = ModuleFinder(tree.files)
        self._packages = {posixpath.dirname(file) for file in tree.files if posixpath.basename(file) == "__init__.py"}
        folders = [posixpath.dirname(path) for path in paths]
        self._folder = posixpath.commonpath(folders) if folders and all(folders) else ""
        roots = {root for module in program.modules.values() if module.path in paths and (root := self._root_of(module)) is not None}
        if len(roots) == 1 and not _is_inside(self._folder, next(iter(roots))):
            self._folder = next(iter(roots))
        self.path = posixpath.join(self._folder, f"{NAME}.py")

    def dotted_for(self, module: Module) -> str:
        """The name, with dots before it for a relative import, by which `module` imports the generated one."""
        here = posixpath.dirname(module.path)
        if self._is_relative(module) and _is_inside(here, self._folder):
            above = posixpath.relpath(self._folder, here) if here != self._folder else "."
            return "." * (1 if above == "." else above.count("..") + 1) + NAME
        root = self._root_of(module)
        if root is None or not _is_inside(self._folder, root):
            return NAME
        inside = posixpath.relpath(self._folder, root) if self._folder != root else "."
        return NAME if inside == "." else f"{inside.replace('/', '.')}.{NAME}"

    def _is_relative(self, module: Module) -> bool:
        """Whether the module imports its neighbours with dots."""
        return any(level for _, level in imports_in(module.source.text))

    def _root_of(self, module: Module) -> str | None:
        """The folder that the absolute imports of `module`, or those of others that mean it, begin in; else what packages say."""
        name = posixpath.basename(posixpath.dirname(module.path) if module.path.endswith("/__init__.py") else module.path)
        for path in (module.path, *self._tree.containing(name.removesuffix(".py"))):
            source = self._tree.source(path)
            for dotted, level in imports_in(source.text) if source is not None else ():
                found = self._finder.find(path, dotted, 0) if not level else None
                if found is not None and found != path and module.path in (path, found):
                    whole, tail = found.removesuffix(".py").removesuffix("/__init__"), dotted.replace(".", "/")
                    if whole == tail:
                        return ""
                    if whole.endswith(f"/{tail}"):
                        return whole[: -len(tail) - 1]
        return self._above_packages(posixpath.dirname(module.path))

    def _above_packages(self, folder: str) -> str:
        """The folder that has the outermost package around `folder`, or `folder` itself."""
        above = folder
        while above:
            above, inner = posixpath.dirname(above), above
            if inner in self._packages:
                folder = above
        return folder


def _is_inside(path: str, folder: str) -> bool:
    return folder == "" or path == folder or path.startswith(f"{folder}/")
