"""pytests of their own, quickly: children of a process that has imported what they need, and nothing of the project they test.

A line of JSON on standard input says what to run; the exit status comes back on standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

_NOT_THERE = [argument for name in ("hypothesispytest", "xdist", "timeout") for argument in ("-p", f"no:{name}")]
"""Plugins that take their time to be imported, and have nothing to do with what is tested."""


class Pytests:
    """That process, from outside; it is started when it is needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(self, folder: Path, environ: Mapping[str, str], *arguments: str) -> pytest.RunResult:
        """`pytest ARGUMENTS` in a folder."""
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as elsewhere:
            outputs = [Path(elsewhere) / name for name in ("out", "err")]
            wanted = {"folder": str(folder), "environ": dict(environ), "arguments": arguments, "outputs": list(map(str, outputs))}
            status = self._asked(json.dumps(wanted))
            out, err = (path.read_text("utf-8", errors="replace") for path in outputs)
        sys.stdout.write(out)  # shown if the test fails
        sys.stderr.write(err)
        return pytest.RunResult(status, out.splitlines(), err.splitlines(), time.perf_counter() - began)

    def _asked(self, wanted: str) -> int:
        if self._process is None:
            self._process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(wanted, file=self._process.stdin, flush=True)
            return int(self._process.stdout.readline())
        except BaseException:  # the test's time is up
            self._process.kill()
            self.close()
            raise

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None


def child(wanted: Any) -> int:
    for number, path in enumerate(wanted["outputs"], start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environ"])
    sys.path[0] = ""
    return int(pytest.main([*_NOT_THERE, "-W", "ignore::pytest.PytestAssertRewriteWarning", *wanted["arguments"]]))


def warm_up() -> None:
    """Import what tests import, and have the SDK make its models, which takes longer than most tests. No thread may be left of it."""
    import aiohttp  # noqa: F401
    import anyio.pytest_plugin  # noqa: F401
    import platformdirs.pytest_plugin  # noqa: F401
    import pytest_recording.plugin  # noqa: F401
    import trio  # noqa: F401
    import vcr.patch  # noqa: F401

    import assistants_compat
    import assistants_compat.testing.tapes.taped
    from assistants_compat.testing.offline_responses import offline_responses

    with tempfile.TemporaryDirectory() as folder, offline_responses(Path(folder)), assistants_compat.OpenAI() as client:
        client.responses.create(model="gpt-5.4-mini", input="?")
        list(client.responses.create(model="gpt-5.4-mini", input="?", stream=True))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            client.beta.assistants.create(model="gpt-5.4-mini")
            thread = client.beta.threads.create(messages=[{"role": "user", "content": "?"}])
            client.beta.threads.messages.list(thread.id)
    assert threading.active_count() == 1


def serve() -> None:
    warm_up()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            status = 70
            try:
                status = child(json.loads(line))
            except BaseException:  # noqa: BLE001 - nothing may get out of the child
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
