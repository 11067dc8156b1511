"""A process of a scene: a program that lives and perhaps dies, a server, one of many writers. Forked off one that has only imported."""

from __future__ import annotations

import importlib
import logging
import queue
import threading
from contextlib import suppress
from typing import Any

import openai

from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from processes import worker
from torture.cramped import Cramped
from torture.lives import LIVES, Life
from torture.steps import Steps
from torture.writer import Writer

Json = dict[str, Any]


def _last_words(step: str, moment: str) -> None:
    worker.say({"killed before": step, "moment": moment})


class Program:
    """Lives one of the `lives` and says what it was granted, or dies of it."""

    def __init__(self, base_url: str, settings: Json, kill_at: int) -> None:
        self._steps = Steps(kill_at, _last_words)
        self._steps.watch()
        self._client = openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0)
        attach(self._client, Settings(**settings))

    def do_live(self, life: str, name: str) -> int:
        """The number of steps that it took."""
        self._steps.begin()
        LIVES[life](Life(self._client, name, lambda what, value: worker.say({"granted": what, "value": value})))
        return self._steps.taken

    def do_moments(self) -> Json:
        """How many steps were taken in which moment."""
        return dict(self._steps.moments)


class Server:
    """Serves until it is told nothing more, or dies."""

    def __init__(self, base_url: str, settings: Json, kill_at: int) -> None:
        self._base_url = base_url
        self._settings = settings
        self._steps = Steps(kill_at, _last_words)

    def do_serve(self) -> str:
        """The URL before `/v1`."""
        from assistants_compat.server import ServerSettings
        from assistants_compat.server.running import serve

        serving: queue.SimpleQueue[str] = queue.SimpleQueue()

        def started(url: str, _service: Any) -> None:
            self._steps.begin()
            serving.put(url)

        self._steps.watch()
        own = ServerSettings(upstream=self._base_url, shutdown=0.0)
        arguments = (own, Settings(**self._settings), "127.0.0.1", 0, None, started)
        threading.Thread(target=serve, args=arguments, daemon=True).start()
        return serving.get(timeout=30)

    def do_steps(self) -> int:
        return self._steps.taken


KINDS = {"program": Program, "server": Server, "writer": Writer, "cramped": Cramped}


def made(kind: str, **configuration: Any) -> Program | Server | Writer | Cramped:
    return KINDS[kind](**configuration)


def import_everything() -> None:
    """What a process imports in its life, which takes it longer than the rest."""
    for name in ("server.running", "runs.drivers", "runs.keeper", "seam.exchange", "api"):
        importlib.import_module(f"assistants_compat.{name}")
    for name in ("alembic.operations", "alembic.migration", "alembic.script", "openai.types.beta.threads", "openai.lib.streaming", "trio"):
        importlib.import_module(name)
    with openai.OpenAI(api_key="sk-test", base_url="http://127.0.0.1:9", max_retries=0) as client, suppress(openai.APIConnectionError):
        assert client.beta.threads.runs
        client.models.list()


if __name__ == "__main__":
    logging.getLogger("assistants_compat").addHandler(logging.NullHandler())  # what goes wrong is meant to
    import_everything()
    worker.nursery(made)
