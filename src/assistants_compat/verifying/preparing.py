"""What was there before a recording began is made, from what the recordings show of it, before its replay begins."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from assistants_compat.verifying.fields import number, objects, text
from assistants_compat.verifying.foreign import Foreign
from assistants_compat.verifying.identities import Identities
from assistants_compat.verifying.knowledge import Knowledge
from assistants_compat.verifying.progress import Stuck
from assistants_compat.verifying.recording import Recording
from assistants_compat.verifying.running import Runs
from assistants_compat.verifying.world import NotMade, World

Json = dict[str, Any]

BEFORE = "(Said before the recording began.)"

_OF_ASSISTANT = (
    "model", "name", "description", "instructions", "tools", "tool_resources", "metadata", "temperature", "top_p", "response_format",
    "reasoning_effort",
)  # fmt: skip
_OF_RUN = (
    "assistant_id", "model", "instructions", "tools", "metadata", "temperature", "top_p", "response_format", "reasoning_effort",
    "max_prompt_tokens", "max_completion_tokens", "truncation_strategy", "tool_choice", "parallel_tool_calls",
)  # fmt: skip
_FILE = re.compile(r"(?<![\w-])(?:file|assistant)-\w+")
_STORE = re.compile(r"(?<![\w-])vs_\w+")


class Preparation:
    """Makes what is foreign to one recording."""

    def __init__(self, world: World, knowledge: Knowledge, identities: Identities, runs: Runs) -> None:
        self._world = world
        self._knowledge = knowledge
        self._identities = identities
        self._runs = runs
        self._first: dict[str, Json] = {}
        self._uploaded: set[str] = set()
        self.failures: list[str] = []
        """What could not be made, and why."""

    def prepare(self, recording: Recording, foreign: Foreign) -> None:
        """All of it, the oldest first."""
        self._first = {**self._knowledge.first, **Knowledge([recording]).first}
        self._upload(_brought(recording))
        makers: dict[str, Callable[[str, str], None]] = {
            "assistant": self._make_assistant,
            "thread": self._make_thread,
            "message": self._make_message,
            "run": self._make_run,
        }
        if foreign.more_assistants:
            self._make("/assistants", {"model": "gpt-4o"})
        places = {id: (kind, thread_id) for kind, ids in foreign.ids.items() for id, thread_id in ids.items()}
        frames = sorted((id for id, (kind, _) in places.items() if kind in ("assistant", "thread")), key=self._age)
        inside = sorted((id for id in places if id not in frames), key=self._age)
        for id in frames:
            self._try(id, makers[places[id][0]], places[id][1])
        for thread_id in foreign.more_messages & set(foreign.ids["thread"]):
            self._try(thread_id, self._say_something, thread_id)
        for id in inside:
            self._try(id, makers[places[id][0]], places[id][1])
        for thread_id in foreign.newer_messages & set(foreign.ids["thread"]):
            self._try(thread_id, self._say_something, thread_id)

    def _try(self, id: str, make: Callable[[str, str], None], thread_id: str | None) -> None:
        try:
            make(id, thread_id or "")
        except (NotMade, Stuck) as error:
            self.failures.append(f"{id} is taken for granted by the recording, and could not be made: {error.args[0].rstrip('.')}")

    def _age(self, id: str) -> tuple[float, bool, int]:
        """In what order things are made. Of a second, what was said comes before runs: they answer it."""
        known = self._first.get(id)
        made = self._knowledge.of_run("message", id) or self._knowledge.of_run("step", id)
        seen = known or next(iter(made), {})
        is_run = bool(made) or text(known, "object") == "thread.run"
        return (number(seen, "created_at"), is_run, self._knowledge.order.get(text(seen, "id"), 0))

    # -- files

    def _upload(self, named: Any) -> None:
        """Have upstream what a request's body names: files and vector stores."""
        body = json.dumps(named)
        upstream = self._world.model.upstream
        for file_id in set(_FILE.findall(body)) - self._uploaded:
            name = self._knowledge.filenames.get(file_id) or f"{file_id}.txt"
            upstream.put_file(name, self._knowledge.contents.get(file_id, b"(not recorded)"), id=file_id)
            self._uploaded.add(file_id)
            self._identities.match(file_id, file_id)
        for store_id in set(_STORE.findall(body)) - self._uploaded:
            self._uploaded.add(upstream.put_vector_store(id=store_id))
            self._identities.match(store_id, store_id)

    def _make(self, path: str, body: Json) -> Json:
        self._upload(body)
        made: Json = self._world.ask("POST", path, body)
        return made

    def _say_something(self, _: str, thread_id: str) -> None:
        """A message of which the recordings only tell that there is one."""
        self._make_room(thread_id)
        self._make(f"/threads/{self._identities.ours(thread_id)}/messages", {"role": "user", "content": BEFORE})

    # -- objects

    def _make_assistant(self, id: str, _: str) -> None:
        known = self._first.get(id) or self._assistant_of_runs(id)
        made = self._make("/assistants", _given(known, _OF_ASSISTANT))
        self._identities.match(id, made["id"])

    def _assistant_of_runs(self, id: str) -> Json:
        """An assistant as its runs have it, where nothing else shows it."""
        runs = [run for run in self._knowledge.objects["run"].values() if run.get("assistant_id") == id]
        known = {"model": "gpt-4o", **(_given(runs[0], _OF_ASSISTANT) if runs else {"tools": self._tools_used(id)}), "metadata": {}}
        is_searching = any(tool.get("type") == "file_search" for tool in objects(known, "tools"))
        return {**known, "tool_resources": {"file_search": {"vector_store_ids": [f"vs_of_{id}"]}} if is_searching else {}}

    def _tools_used(self, assistant_id: str) -> list[Json]:
        """The tools that an assistant must have, going by the steps of its runs."""
        steps = [step for step in self._knowledge.objects["step"].values() if step.get("assistant_id") == assistant_id]
        calls = [call for step in steps for call in objects(step, "step_details", "tool_calls")]
        names = dict.fromkeys(text(call, "function", "name") for call in calls if call.get("type") == "function")
        own = dict.fromkeys(text(call, "type") for call in calls if call.get("type") in ("file_search", "code_interpreter"))
        return [{"type": type} for type in own] + [{"type": "function", "function": {"name": name}} for name in names]

    def _make_thread(self, id: str, _: str) -> None:
        known = self._first.get(id, {})
        made = self._make("/threads", _given(known, ("metadata", "tool_resources")))
        self._identities.match(id, made["id"])

    def _make_message(self, id: str, thread_id: str) -> None:
        known = self._first.get(id, {"role": "user", "content": BEFORE})
        self._make_room(thread_id)
        body = {"role": known.get("role"), "content": _content(known), **_given(known, ("attachments", "metadata"))}
        made = self._make(f"/threads/{self._identities.ours(thread_id)}/messages", body)
        self._identities.match(id, made["id"])

    def _make_run(self, id: str, thread_id: str) -> None:
        known = self._first.get(id, {})
        thread = self._identities.ours(thread_id)
        assistant_id = text(known, "assistant_id") or self._assistant_of(id)
        if thread is None:
            return
        self._make_room(thread_id)
        if self._identities.ours(assistant_id) is None:
            self._make_assistant(assistant_id, "")
        body = {**_given(known, _OF_RUN), "assistant_id": self._identities.ours(assistant_id)}
        self._runs.expect(id, thread_id)
        try:
            made = self._make(f"/threads/{thread}/runs", body)
        except NotMade:  # nobody has said anything yet
            self._say_something(id, thread_id)
            made = self._make(f"/threads/{thread}/runs", body)
        self._identities.match(id, made["id"])
        self._runs.begun(id, thread_id)

    def _assistant_of(self, run_id: str) -> str:
        made = [*self._knowledge.of_run("step", run_id), *self._knowledge.of_run("message", run_id)]
        return next(filter(None, (text(each, "assistant_id") for each in made)), f"asst_of_{run_id}")

    def _make_room(self, thread_id: str) -> None:
        for run_id in self._runs.on_thread(thread_id):
            self._runs.finish(run_id)


def _brought(recording: Recording) -> list[str]:
    """Files and vector stores that requests name before any reply has shown them."""
    shown: set[str] = set()
    brought: list[str] = []
    for turn in recording.turns:
        named = [*_FILE.findall(json.dumps(turn.body)), *_STORE.findall(json.dumps(turn.body))]
        brought += [id for id in named if id not in shown]
        replies = json.dumps(turn.reply if turn.events is None else [event.data for event in turn.events])
        shown.update(_FILE.findall(replies), _STORE.findall(replies))
    return brought


def _given(known: Json, names: tuple[str, ...]) -> Json:
    """What of an object can be asked for again: what is set, without what only replies have."""
    given = {name: _without_nulls(known[name]) for name in names if known.get(name) not in (None, {}, [])}
    resources = given.get("tool_resources")
    if isinstance(resources, dict):
        given["tool_resources"] = {kind: inner for kind, inner in resources.items() if isinstance(inner, dict) and any(inner.values())}
    return given


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _content(message: Json) -> Any:
    return list(_parts(message)) or BEFORE


def _parts(message: Json) -> Iterator[Json]:
    for part in objects(message, "content"):
        if part.get("type") == "text":
            yield {"type": "text", "text": text(part, "text", "value")}
        elif part.get("type") in ("image_file", "image_url"):
            yield _without_nulls(part)
