"""`install()` at the moment a program imports openai, so that nothing of the program's start changes before that.

openai reads the environment as it is imported, and programs fill the environment just before they import it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def install_when_openai_is_imported() -> None:
    """Call `install()` as soon as openai has been imported. openai must not have been imported yet."""
    sys.meta_path.insert(0, _OpenAIFinder())


class _OpenAIFinder(MetaPathFinder):
    """Finds openai where the other finders find it, and has it loaded by `_ThenInstall`."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != "openai":
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _ThenInstall(spec.loader)
                return spec
        return None


class _ThenInstall(Loader):
    """Loads openai with its own loader, which it then leaves in its place."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        if hasattr(module, "AsyncOpenAI"):  # the SDK, not a program's own openai.py
            from assistants_compat.installation import install

            install()
