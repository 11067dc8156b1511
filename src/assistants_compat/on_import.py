"""Doing something to a module at the moment it is imported, without importing it any earlier than the program does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

Then = Callable[[ModuleType], None]


def when_imported(name: str, then: Then) -> None:
    """Call `then` with the module once it has been imported, before whoever imports it sees it: now, if that was done already."""
    if name in sys.modules:
        then(import_module(name))  # waits for a thread that is just about to import it
    elif not any(isinstance(finder, _Finder) and (finder.name, finder.then) == (name, then) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(name, then))


class _Finder(MetaPathFinder):
    """Finds the module where the other finders find it, and has it loaded by `_ThenCall`."""

    def __init__(self, name: str, then: Then) -> None:
        self.name = name
        self.then = then

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _ThenCall(spec.loader, self.then)
                return spec
        return None


class _ThenCall(Loader):
    """Loads a module with its own loader, which it then leaves in its place."""

    def __init__(self, loader: Loader, then: Then) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._then(module)
