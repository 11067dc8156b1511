"""One of many processes that write to the same threads: says what it was granted, and what it has read meanwhile."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai

from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from processes import worker
from torture.lives import Life

Json = dict[str, Any]

PAUSE = 0.02
"""Seconds before a thread that was locked is tried again."""
PAGE = 13
"""Messages a page, so that a thread changes between two pages of one reading."""


def fingerprint(ids: Sequence[str]) -> list[Any]:
    """A reading of a thread, in short: how many messages, and which."""
    return [len(ids), hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]]


class Writer:
    """Args:
    settings: of the shim in this process; None: `base_url` is a server.
    """

    def __init__(self, base_url: str, settings: Json | None) -> None:
        self._client = openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0)
        if settings is not None:
            attach(self._client, Settings(**settings))

    def do_write(self, threads: list[str], assistant: str, names: list[str], turns: int, seed: str) -> list[Json]:
        """A thread of this process for each name. What came of each. A turn is told of when it is done, so that nobody gives it up."""
        with ThreadPoolExecutor(len(names)) as pool:
            return list(pool.map(lambda name: self._take_turns(threads, assistant, name, turns, random.Random(f"{seed} {name}")), names))

    def _take_turns(self, threads: list[str], assistant: str, name: str, turns: int, chance: random.Random) -> Json:
        told: Json = {"name": name, "accepted": [], "runs": [], "readings": [], "refused": 0, "failed": []}
        for turn in range(turns):
            thread = chance.choice(threads)
            for act in (self._say, self._run):
                self._until_granted(act, told, thread, assistant, f"{name} {turn}", chance)
            self._read(told, chance.choice(threads))
            worker.say({"turn": turn, "name": name})
        return told

    def _until_granted(self, act: Callable[..., None], told: Json, thread: str, *arguments: Any) -> None:
        """As long as another's run holds the thread the same is asked again, as programs do."""
        while True:
            try:
                act(told, thread, *arguments)
            except openai.BadRequestError as error:
                if "active" not in str(error):
                    raise
                told["refused"] += 1
                time.sleep(PAUSE)
            except openai.OpenAIError as error:
                told["failed"].append(f"{arguments[1]}, {thread}: {error}")
                return
            else:
                return

    def _say(self, told: Json, thread: str, _assistant: str, text: str, _chance: random.Random) -> None:
        message = self._client.beta.threads.messages.create(thread, role="user", content=text)
        told["accepted"].append([thread, message.id, text])

    def _run(self, told: Json, thread: str, assistant: str, _text: str, chance: random.Random) -> None:
        runs = self._client.beta.threads.runs
        if chance.random() < 0.5:
            run: Any = runs.create_and_poll(thread_id=thread, assistant_id=assistant)
        else:
            run = Life(self._client, "", lambda *_: None).read(runs.create(thread_id=thread, assistant_id=assistant, stream=True))
        told["runs"].append([thread, run.id, run.status])

    def _read(self, told: Json, thread: str) -> None:
        ids = [message.id for message in self._client.beta.threads.messages.list(thread, order="asc", limit=PAGE)]
        told["readings"].append([thread, *fingerprint(ids)])
