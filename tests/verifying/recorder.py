"""Programs against the Assistants API, and a recorder that takes down what they say in the form of vcrpy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai
import yaml

from assistants_compat.testing import Gate, OfflineUpstream

Json = dict[str, Any]
API = "https://api.openai.com/v1"


@dataclass
class Tape:
    """Sends requests of a program in any language, and keeps them with their replies as a cassette has them."""

    client: openai.OpenAI
    upstream: OfflineUpstream
    pass_time: Callable[[float], None]
    interactions: list[Json] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Any = None, *, status: int = 200, **more: str) -> Any:
        """The reply's JSON; of a stream its events."""
        reply = self.client._client.request(
            method,
            API + path,
            content=None if body is None else json.dumps(body).encode(),
            headers={"OpenAI-Beta": "assistants=v2", "Authorization": "Bearer sk-test", **more},
        )
        assert reply.status_code == status, reply.text
        self.pass_time(1)
        self.interactions.append(
            {
                "request": {
                    "method": method,
                    "uri": API + path,
                    "body": None if body is None else json.dumps(body),
                    "headers": {"openai-beta": ["assistants=v2"]},
                },
                "response": {
                    "status": {"code": reply.status_code, "message": "OK"},
                    "headers": {"content-type": [reply.headers["content-type"]]},
                    "body": {"string": _text(reply.content)},
                },
            }
        )
        if reply.headers["content-type"].startswith("text/event-stream"):
            return [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: {")]
        return reply.json() if "json" in reply.headers["content-type"] else reply.content

    def finish(self, run: Json) -> Json:
        """Poll a run to where it stops, as a program does that waits in between."""
        path = f"/threads/{run['thread_id']}/runs/{run['id']}"
        while True:
            latest: Json = self.unrecorded("GET", path, **{"x-stainless-poll-helper": "true"})
            if latest["status"] not in ("queued", "in_progress"):
                return self("GET", path)  # type: ignore[no-any-return]

    def unrecorded(self, method: str, path: str, body: Any = None, **more: str) -> Any:
        """A request that is not in the cassette."""
        kept = len(self.interactions)
        reply = self(method, path, body, **more)
        del self.interactions[kept:]
        return reply

    def started(self, path: str, body: Any, gate: Gate) -> Json:
        """A run that has reached the gate in the model's answer."""
        run: Json = self("POST", path, body)
        gate.wait_reached()
        return run


def _text(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def write(path: Path, interactions: list[Json]) -> Path:
    """As vcrpy does."""
    path.write_text(yaml.dump({"interactions": interactions, "version": 1}), encoding="utf-8")
    return path
