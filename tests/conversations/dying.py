"""A process that exports conversations and ends with SIGKILL at one of its steps: a statement to the store, a request to the upstream, an
answer to one, a file that appears."""

from __future__ import annotations

import importlib
import os
import signal
from typing import Any

from click.testing import CliRunner

from processes import worker
from torture.steps import Steps, kind, watch_statements

Json = dict[str, Any]


class Program:
    """Args:
    kill_at: the number of the step before which it ends; 0: never.
    """

    def __init__(self, environment: dict[str, str], kill_at: int) -> None:
        os.environ.update(environment)
        # A test run that was started in the background ignores it, and what it starts would too.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._steps = Steps(kill_at, lambda step, _: worker.say({"killed before": step}))
        self._names: list[str] = []
        watch_statements(lambda statement: self._before(kind(statement)))
        self._watch_calls()
        self._watch_files()

    def _before(self, step: str) -> None:
        """A statement that is done for one row after the other is one step."""
        if step != "INSERT conversation_items" or self._names[-1:] != [step]:
            self._steps.before(step)
            self._names.append(step)

    def _watch_calls(self) -> None:
        from assistants_compat.transfer.conversations.calls import Calls

        sent = Calls._sent

        def counted(calls: Calls, method: str, path: str, content: Json | None) -> Json:
            what = f"{method} {'items' if path.endswith('/items') else 'conversation'}"
            self._before(f"asks: {what}")
            answer = sent(calls, method, path, content)
            self._before(f"is answered: {what}")
            return answer

        Calls._sent = counted  # type: ignore[method-assign]

    def _watch_files(self) -> None:
        replace = os.replace

        def counted(source: Any, target: Any) -> None:
            self._before("puts a file in its place")
            replace(source, target)

        os.replace = counted  # type: ignore[assignment]

    def do_export(self, words: list[str]) -> Json:
        from assistants_compat.cli import main

        self._names.clear()
        self._steps.begin()
        result = CliRunner().invoke(main, ["export", "--to", "conversations", *words])
        return {"steps": self._names, "code": result.exit_code, "said": result.output, "failure": repr(result.exception)}


if __name__ == "__main__":
    for module in ("assistants_compat.cli.export", "assistants_compat.cli._conversations", "assistants_compat.transfer.conversations.maps"):
        importlib.import_module(module)
    worker.nursery(Program)
