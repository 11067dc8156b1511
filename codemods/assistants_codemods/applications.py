"""Which files belong together: modules that import each other are one application, whose threads may be each other's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assistants_codemods.flow.imports import ModuleFinder
from assistants_codemods.flow.program import Tree
from assistants_codemods.source import Source


def applications(hits: Sequence[Source], tree: Tree) -> list[list[Source]]:
    """The sources in `hits`, parted into applications: those that reach one another, or are reached from one file, through imports.

    A module of the tree on the way counts when it has to do with the SDK, or when it uses something of a hit.
    """
    finder = ModuleFinder(tree.files)
    by_path = {source.path: source for source in hits}
    about_the_sdk = set(tree.containing("openai")) | set(tree.containing("OpenAI")) | set(by_path)
    together: dict[str, str] = {}

    def top(path: str) -> str:
        while (above := together.get(path, path)) != path:
            path = above
        return path

    def join(one: str, other: str) -> None:
        low, high = sorted((top(one), top(other)))
        if low != high:
            together[high] = low

    waiting, seen = list(by_path), set(by_path)
    while waiting:
        path = waiting.pop()
        source = by_path.get(path) or tree.source(path)
        if source is None:
            continue
        for imported in finder.imported_by(path, source.text):
            if imported in about_the_sdk:
                join(path, imported)
                if imported not in seen:
                    seen.add(imported)
                    waiting.append(imported)
    for path in tree.files:
        if path in by_path or not (source := tree.source(path)):
            continue
        used = [imported for imported in finder.imported_by(path, source.text) if imported in by_path]
        for one, other in pairwise(used):
            join(one, other)
    parted: dict[str, list[Source]] = {}
    for path in sorted(by_path):
        parted.setdefault(top(path), []).append(by_path[path])
    return list(parted.values())
