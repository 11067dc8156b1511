"""A program run against the offline upstream: what it prints, and what the model was asked."""

from __future__ import annotations

import contextlib
import gc
import io
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai

import assistants_compat
from assistants_compat.testing import OfflineUpstream

_IDS = re.compile(r"\b(thread|conv|run|resp|msg|asst|step|fc|call|file|vs)_[0-9A-Za-z]{6,}")


@dataclass(frozen=True)
class Ran:
    """What came of a program."""

    printed: str
    asked: list[Any]
    """The input of each response, in order; searches are not sent again by the shim, so they are left out."""
    instructions: list[Any]


@contextlib.contextmanager
def served(script: Any, environment: Any) -> Iterator[OfflineUpstream]:
    """An offline upstream on loopback, which programs find through the SDK's own environment variables."""
    upstream = OfflineUpstream(script() if callable(script) else script)
    with upstream.serve() as base_url:
        environment.setenv("OPENAI_BASE_URL", base_url)
        environment.setenv("OPENAI_API_KEY", "sk-test")
        yield upstream


def run(files: dict[str, str], folder: Path, script: Any, monkeypatch: Any, *, on_the_shim: bool = False) -> Ran:
    """Run `main.py` of `files`, written into `folder`; with the SDK's clients replaced by the shim's where that is asked for."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    printed = io.StringIO()
    with monkeypatch.context() as patched, served(script, patched) as upstream:
        patched.setenv("ASSISTANTS_COMPAT_STORE", str(folder / "store.db"))
        patched.syspath_prepend(str(folder))
        patched.setattr("time.sleep", lambda seconds: None)
        if on_the_shim:
            for name in ("OpenAI", "AsyncOpenAI"):
                patched.setattr(openai, name, getattr(assistants_compat, name))
        before = set(sys.modules)
        try:
            with contextlib.redirect_stdout(printed):
                code = compile(files["main.py"], str(folder / "main.py"), "exec")
                exec(code, {"__name__": "__main__", "__file__": str(folder / "main.py")})
        finally:
            with warnings.catch_warnings():  # programs end without closing their clients
                warnings.simplefilter("ignore", ResourceWarning)
                gc.collect()
            for name in set(sys.modules) - before:
                origin = getattr(sys.modules[name], "__file__", None) or ""
                if origin.startswith(str(folder)):
                    del sys.modules[name]
        asked = [request for request in upstream.requests if request.path.endswith("/responses") and request.method == "POST"]
        return Ran(
            _IDS.sub("<id>", printed.getvalue()),
            [[item for item in request.asked if item.get("type") != "file_search_call"] for request in asked],
            [request.body.get("instructions") for request in asked],
        )
