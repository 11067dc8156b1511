"""The offline upstream: a strict stand-in for OpenAI's Responses API, scripted by tests and demos."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from assistants_compat.testing import authorization, strict_context
from assistants_compat.testing.answering import Answering
from assistants_compat.testing.answers import Answer, AnswerFor, HttpError, Script, Text, Unreachable, gates_of
from assistants_compat.testing.background import Jobs
from assistants_compat.testing.effective_input import as_asked, said_in
from assistants_compat.testing.faults import Fault, Faults, damaged
from assistants_compat.testing.gate import Gate
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.improvisation import improvise
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.models import AS_OF, MODELS, Model, find_model
from assistants_compat.testing.multipart import Form, parse
from assistants_compat.testing.rejection import Rejected
from assistants_compat.testing.replies import Drop, UpstreamReply, error_reply, json_reply, usual_headers
from assistants_compat.testing.sealing import Seal
from assistants_compat.testing.storage import Storage
from assistants_compat.testing.storage_call import NOT_JSON, Call
from assistants_compat.testing.stored_responses import StoredResponses
from assistants_compat.testing.strictness import check
from assistants_compat.testing.tokens import input_tokens

_PREFIXES = ("/openai/v1", "/openai", "/v1")

_NOT_HERE = {
    **dict.fromkeys(
        ("audio", "batches", "chat", "completions", "embeddings", "evals", "fine_tuning", "images", "moderations", "realtime", "videos"),
        ". The offline upstream of assistants-compat does not have this part of the API.",
    ),
    **dict.fromkeys(
        ("assistants", "threads"),
        ". The Assistants API is gone; assistants_compat.wrap(client) answers this client, assistants_compat.install() all.",
    ),
}
"""What is said of requests that are right, but in vain."""


@dataclass(frozen=True)
class UpstreamRequest:
    """A request as it arrived: lower-case header names, credentials taken out, the body parsed where it is JSON or a form.

    `effective_input` is the whole input of a response that was asked for: the items of its conversation, or what its previous
    response had and made, then its own, references resolved. None where none was made.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    effective_input: Sequence[Mapping[str, Any]] | None = None

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What the model was asked, in one form: equal for a history that was sent whole and for a conversation with the same items.

        Messages have their content in parts; ids of items, statuses, seals, annotations and names of containers are left out.
        """
        return as_asked(self.effective_input or ())

    @property
    def texts(self) -> list[str]:
        """The words of the input, in order: what people, developers, the model and functions said. Instructions are in the body."""
        return list(said_in(self.asked))


class OfflineUpstream:
    """Answers POST /responses with the script's answers in order, then with `default`; refuses what the API refuses.

    `today` decides which models still live; it is the day of the model table unless given, so that tests do not age.
    `model_time` seconds pass before the first byte of every answer. `key` seals reasoning: two upstreams with the same
    key accept each other's encrypted content. `models` gives further names to models, as a deployment does.
    """

    def __init__(
        self,
        answers: Script = (),
        *,
        default: Callable[[dict[str, Any]], Answer] = improvise,
        today: date | None = None,
        model_time: float = 0.0,
        key: bytes | None = None,
        models: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
        indexing_time: float = 0.0,
        indexing_polls: int = 0,
    ) -> None:
        self.requests: list[UpstreamRequest] = []
        self.calls: list[UpstreamRequest] = []
        self.today = today or AS_OF
        self.model_time = model_time
        self._default = default
        self._names = dict(models or {})
        self._script: deque[Answer | str | AnswerFor] = deque(answers)
        self._memory = Memory(Seal(key))
        self._ids = Identifiers()
        self._faults = Faults()
        self._storage = Storage(self._ids, clock, self._memory)
        self._jobs = Jobs(clock)
        self._responses = StoredResponses(self._memory, self._jobs, self._ids)
        self._storage.vector_stores.indexing_time = indexing_time
        self._storage.vector_stores.indexing_polls = indexing_polls
        self._gates: list[Gate] = []
        self._lock = threading.RLock()

    # ------------------------------------------------------------------------------------------------ for tests

    def script(self, *answers: Answer | str | AnswerFor) -> None:
        """Append answers. A callable gets the request's body and returns an answer; a plain string is a Text."""
        with self._lock:
            self._script.extend(answers)

    @property
    def unused(self) -> int:
        """How many answers of the script nobody has asked for yet."""
        return len(self._script)

    @property
    def left(self) -> str:
        """Those answers, one a line."""
        return "\n".join(map(repr, self._script))

    def put_file(self, filename: str, content: bytes | str, *, purpose: str = "assistants", id: str | None = None) -> str:
        """A file as if it had been uploaded, under an id of the test's choice; the id."""
        data = content.encode() if isinstance(content, str) else content
        with self._lock:
            return self._storage.files.put(filename, data, purpose, id=id).id

    def put_vector_store(self, files: Mapping[str, bytes | str] | None = None, *, id: str | None = None, **fields: Any) -> str:
        """A vector store with these files, as if it had been created with `fields`; its id."""
        file_ids = [self.put_file(name, content) for name, content in (files or {}).items()]
        with self._lock:
            return self._storage.vector_stores.create({"file_ids": file_ids, **fields}, id=id).id

    def expire_containers(self, id: str | None = None) -> None:
        """All containers, or one, are idle for too long at once: their files are gone."""
        with self._lock:
            self._storage.containers.expire(id)

    def forget_responses(self) -> None:
        """All stored responses are gone at once, as after their time."""
        with self._lock:
            self._jobs.forget_all()
            for id in list(self._memory.responses):
                self._memory.forget(id)

    def fail(self, requests: str, *faults: Fault) -> None:
        """`fail("GET /containers/*/files/*/content", HttpError(500, "…"), BrokenDownload(10), Unreachable())`: the next three fail so.

        `*` stands for one step of the path, which has no version in front. A Gate holds the reply and lets it through.
        """
        with self._lock:
            self._faults.add(requests, *faults)

    def open_gates(self) -> None:
        """Let through whatever is held, now and from now on: at the end of a test nobody else will."""
        with self._lock:
            for gate in self._gates:
                gate.open()

    def transport(self, family: Literal["httpx", "httpx2"] | None = None) -> Any:
        """A transport for `httpx.Client` or `httpx2.Client`; the family openai uses unless one is named."""
        from assistants_compat.testing.transports import transport

        return transport(self, family)

    def async_transport(self, family: Literal["httpx", "httpx2"] | None = None) -> Any:
        """The same for the async clients, under asyncio and trio."""
        from assistants_compat.testing.transports import async_transport

        return async_transport(self, family)

    def http_client(self, family: Literal["httpx", "httpx2"] | None = None) -> Any:
        """An http client on such a transport, as `openai.OpenAI(http_client=…)` takes it."""
        from assistants_compat.testing.transports import http_client

        return http_client(self, family)

    def async_http_client(self, family: Literal["httpx", "httpx2"] | None = None) -> Any:
        """The same for `openai.AsyncOpenAI`."""
        from assistants_compat.testing.transports import async_http_client

        return async_http_client(self, family)

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """Serve on the loopback interface; the context's value is the base URL."""
        from assistants_compat.testing.server import serve

        return serve(self, port)

    # ------------------------------------------------------------------------------------------------ the core

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> UpstreamReply:
        """Decide on a reply. What takes time is in the reply's steps, for the caller to perform."""
        headers = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            if self._script and isinstance(self._script[0], Unreachable) and method == "POST" and _route(path) == "/responses":
                self._script.popleft()
                return UpstreamReply(0, {}, before=(Drop(),))
            form = parse(headers.get("content-type", ""), body)
            request = UpstreamRequest(method, path, authorization.redacted(headers), _parsed(body) if form is None else form.summary())
            self.calls.append(request)
            refused = authorization.check(headers)
            if refused is not None:
                return self._error(refused)
            fault = self._faults.take(method, _route(path))
            if isinstance(fault, HttpError):
                return self._error(fault)
            if isinstance(fault, Unreachable):
                return UpstreamReply(0, {}, before=(Drop(),))
            if isinstance(fault, Gate):
                self._gates.append(fault)
            reply = self._routed(request, _route(path), form)
            return reply if fault is None else damaged(reply, fault)

    def _routed(self, request: UpstreamRequest, route: str, form: Form | None) -> UpstreamReply:
        stored = self._storage.reply(request.method, request.path, route, request.body, form, request.headers.get("range", ""))
        if stored is not None:
            return stored
        stored = self._responses.reply(Call.of(request.method, request.path, route, request.body))
        if stored is not None:
            return stored
        resource, _, id = route.strip("/").partition("/")
        match (request.method, resource, id):
            case ("POST", "responses", ""):
                return self._create(request)
            case ("POST", "responses", "input_tokens"):
                return self._count(request)
            case ("GET", "models", ""):
                alive = [_model_object(model) for model in MODELS.values() if model.alive(self.today)]
                return self._json({"object": "list", "data": alive})
            case ("GET", "models", id):
                model = self._find(id)
                if model is None:
                    return self._error(HttpError(404, f"The model '{id}' does not exist", "model_not_found", param="model"))
                return self._json(_model_object(model))
        path = request.path.partition("?")[0]
        return self._error(HttpError(404, f"Invalid URL ({request.method} {path}){_NOT_HERE.get(resource, '')}"))

    def _create(self, request: UpstreamRequest) -> UpstreamReply:
        body = request.body
        if not isinstance(body, dict):
            return self._error(HttpError(400, NOT_JSON))
        self.requests.append(request)
        name = body.get("model")
        model = self._find(name) if isinstance(name, str) else None
        refused = check(body, model, self._memory, self._storage)
        if refused is not None or model is None:
            return self._error(refused or HttpError(400, NOT_JSON))
        self.requests[-1] = self.calls[-1] = replace(request, effective_input=self._memory.input_items(body))
        answering = Answering(body, model, self._memory, self._storage, self._ids, self.model_time, self._jobs)
        answer = self._next_answer(body)
        self._gates += gates_of(answer)
        return answering.reply(answer)

    def _next_answer(self, body: dict[str, Any]) -> Answer:
        whole = {**body, "input": self._memory.input_items(body)}
        if not self._script:
            return improvise(whole, self._storage) if self._default is improvise else self._default(whole)
        answer = self._script.popleft()
        if callable(answer):
            answer = answer(whole if self._memory.before(body) else body)
        return Text(answer) if isinstance(answer, str) else answer

    def _count(self, request: UpstreamRequest) -> UpstreamReply:
        if not isinstance(request.body, dict):
            return self._error(HttpError(400, NOT_JSON))
        try:
            strict_context.check(request.body, self._memory, to_write=False)
        except Rejected as rejected:
            return self._error(rejected.error)
        whole = {**request.body, "input": self._storage.inlined(as_asked(self._memory.input_items(request.body)))}
        return self._json({"object": "response.input_tokens", "input_tokens": input_tokens(whole)})

    def _find(self, name: str) -> Model | None:
        return find_model(self._names.get(name, name), self.today)

    def _json(self, value: Any) -> UpstreamReply:
        return json_reply(200, value, usual_headers(self._ids.request()))

    def _error(self, error: HttpError) -> UpstreamReply:
        return error_reply(error, self._ids.request())


def _route(path: str) -> str:
    """The path without the query and without the prefix of the API's version."""
    path = path.partition("?")[0].rstrip("/")
    prefix = next((prefix for prefix in _PREFIXES if path.startswith(prefix + "/")), "")
    return path[len(prefix) :]


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _model_object(model: Model) -> dict[str, Any]:
    shutdown = model.shutdown.isoformat() if model.shutdown else None
    return {"id": model.id, "object": "model", "created": 1715367049, "owned_by": "system", "shutdown_date": shutdown}
