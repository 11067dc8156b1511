"""A program whose store has no room left, or may not be written to: what it is told, what it can still do, and how it goes on."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import openai

from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from torture.speech import CODE, MODEL

Json = dict[str, Any]

NOBODY = 65534


class Cramped:
    """Args:
    may_write: False: it gives up the right to, where it has one that file modes do not take away.
    """

    def __init__(self, base_url: str, settings: Json, may_write: bool = True) -> None:
        if not may_write and os.geteuid() == 0:
            os.setuid(NOBODY)
        self._store = Path(settings["store"])
        self._client = openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0)
        attach(self._client, Settings(**settings))

    def do_begin(self) -> Json:
        beta = self._client.beta
        assistant = beta.assistants.create(model=MODEL, tools=[CODE])  # type: ignore[list-item]
        thread = beta.threads.create(messages=[{"role": "user", "content": "First"}])
        return {"assistant": assistant.id, "thread": thread.id}

    def do_limit(self, more: int | None) -> None:
        """No file of this process may grow past what its store's largest has now, and so much more. None: as far as it likes."""
        if more is not None:
            sizes = [path.stat().st_size for path in self._store.parent.glob(f"{self._store.name}*") if path.is_file()]
            more += max(sizes)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard if more is None else more, hard))

    def do_fill(self, thread: str, name: str, most: int) -> Json:
        """Messages until one is refused: those that were not, and the answer to the one that was."""
        accepted = []
        for number in range(most):
            text = f"{name} {number}" + ", and so on" * 200
            try:
                accepted.append([self._client.beta.threads.messages.create(thread, role="user", content=text).id, text])
            except openai.APIStatusError as error:
                return {"accepted": accepted, "status": error.status_code, "error": error.message}
        return {"accepted": accepted, "status": 200, "error": ""}

    def do_count(self, thread: str) -> int:
        return len(list(self._client.beta.threads.messages.list(thread, order="asc", limit=100)))

    def do_run(self, thread: str, assistant: str) -> Json:
        """The run in the end, or the answer to asking for it."""
        try:
            run = self._client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
        except openai.APIStatusError as error:
            return {"status": error.status_code, "error": error.message}
        return run.to_dict()

    def do_run_cut_short(self, thread: str, assistant: str) -> str:
        """A run under which the room gives out once its message has begun; its id."""
        stream = iter(self._client.beta.threads.runs.create(thread_id=thread, assistant_id=assistant, stream=True))
        run: Any = next(stream).data
        for event in stream:
            if event.event == "thread.message.delta":
                self.do_limit(0)
                break
        for _ in stream:
            pass
        return str(run.id)

    def do_poll(self, thread: str, run: str) -> Json:
        return self._client.beta.threads.runs.poll(run, thread_id=thread).to_dict()

    def do_settle(self, thread: str) -> list[str]:
        """Looks at all runs of the thread until they have ended; how they did."""
        runs = self._client.beta.threads.runs
        return [runs.poll(run.id, thread_id=thread).status for run in runs.list(thread)]

    def do_file(self) -> int:
        """The size of the newest file that code has made, as it is downloaded."""
        newest = next(iter(self._client.files.list(purpose="assistants_output")))
        return len(self._client.files.content(newest.id).read())
