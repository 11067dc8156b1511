"""`install()` at the moment a program imports openai, so that nothing of the program's start changes before that.

openai reads the environment as it is imported, and programs fill the environment just before they import it.
"""

from __future__ import annotations

from types import ModuleType

from assistants_compat.on_import import when_imported


def install_when_openai_is_imported() -> None:
    """Call `install()` as soon as openai has been imported."""
    when_imported("openai", _install)


def _install(module: ModuleType) -> None:
    if hasattr(module, "AsyncOpenAI"):  # the SDK, not a program's own openai.py
        from assistants_compat.installation import install

        install()
