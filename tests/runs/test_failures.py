"""What becomes of a run when its upstream fails: retried within the run's life or failed cleanly, and the thread free again."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai
import pytest

from assistants_compat.runs import recovery
from assistants_compat.runs.events import Translation
from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import (
    BrokenStream,
    Failed,
    FunctionCall,
    Gate,
    HttpError,
    OfflineUpstream,
    Reasoning,
    Text,
    Turn,
    Unreachable,
)
from clients import sdk_family
from runs.helpers import PATIENCE, WEATHER, Conversation, Reader, nulls_of_a_terminal

Make = Callable[..., Conversation]

pytestmark = pytest.mark.usefixtures("no_waiting")

SORRY = "Sorry, something went wrong."
WORDS = Text("One two three", chunks=("One", " two", " three"))
TRIES = 5  # the first and settings.max_retries more


def failed(talk: Conversation, run: Any, code: str, message: str) -> None:
    """The run has failed with this error, nothing of it is open, and the thread goes on."""
    nulls_of_a_terminal(run)
    assert run.status == "failed"
    assert run.last_error.to_dict() == {"code": code, "message": message}
    for step in talk.steps(run.id):
        assert step.status in ("failed", "completed")
        if step.status == "failed":
            assert step.failed_at is not None
            assert step.last_error.to_dict() == {"code": code, "message": message}
    for stored in talk.raw_messages(run.id):
        assert stored["status"] in ("completed", "incomplete")
        if stored["status"] == "incomplete":
            assert stored["incomplete_details"] == {"reason": "run_failed"}
    assert talk.get(run.id) == run
    talk.goes_on()


def test_a_key_in_an_address_is_in_no_log_and_no_error(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """Gateways want keys in the query; what a transport says of its troubles has the whole address."""
    family = sdk_family()

    class Broken(family.BaseTransport):  # type: ignore[name-defined,misc]
        def handle_request(self, request: Any) -> Any:
            raise family.ConnectError(f"no route to '{request.url}' (asked for {request.url})")

    client = openai.OpenAI(
        api_key="sk-test",
        base_url="https://me:pa55word@gateway.example/v1",
        default_query={"subscription-key": "5ecret"},
        http_client=family.Client(transport=Broken()),
    )
    attach(client, settings)
    caplog.set_level("DEBUG", logger="assistants_compat")
    assistant = client.beta.assistants.create(model="gpt-6-sol")
    thread = {"messages": [{"role": "user", "content": "Hi"}]}
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)  # type: ignore[arg-type]
    assert run.status == "failed"
    said = [record.getMessage() for record in caplog.records if record.name == "assistants_compat"]
    assert any("no route to 'https://gateway.example/v1/responses'" in text for text in said)
    assert not [text for text in (*said, str(run.last_error)) if "5ecret" in text or "pa55word" in text]


# -- refused


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (HttpError(400, "Invalid value.", "invalid_value", param="input"), "server_error", "Invalid value."),
        (HttpError(400, "Not allowed.", "invalid_prompt"), "invalid_prompt", "Not allowed."),
        (HttpError(401, "Who are you?", "invalid_api_key"), "server_error", "Who are you?"),
        (HttpError(403, "Not from there.", "unsupported_country_region_territory"), "server_error", "Not from there."),
        (HttpError(404, "No such thing.", "not_found"), "server_error", "No such thing."),
        (HttpError(422, ""), "server_error", "The model's server answered with status 422."),
        (HttpError(429, "You exceeded your quota.", "insufficient_quota"), "rate_limit_exceeded", "You exceeded your quota."),
        (HttpError(500, "Do not.", headers={"x-should-retry": "false"}), "server_error", "Do not."),
    ],
    ids=lambda value: str(value.status) if isinstance(value, HttpError) else "",
)
@pytest.mark.parametrize("streaming", [False, True])
def test_what_trying_again_would_not_change_is_not_tried_again(
    conversation: Make, upstream: OfflineUpstream, error: HttpError, code: str, message: str, streaming: bool
) -> None:
    talk = conversation()
    upstream.script(error)
    if streaming:
        reader = Reader(talk.start(stream=True))
        assert reader.finish() == ["thread.run.created", "thread.run.queued", "thread.run.in_progress", "thread.run.failed"]
        run = talk.get(reader.run_id)
        assert reader.last("thread.run.failed").last_error == run.last_error
    else:
        run = talk.settled(talk.start().id)
    assert len(upstream.requests) == 1
    assert talk.steps(run.id) == []
    failed(talk, run, code, message)


def test_a_wrong_key_fails_the_run_in_the_upstreams_words(upstream: OfflineUpstream, conversation: Make) -> None:
    talk = conversation()
    wrong = talk.client.with_options(api_key="sk-invalid-0123456789")
    run = wrong.beta.threads.runs.create_and_poll(thread_id=talk.thread.id, assistant_id=talk.assistant.id)
    message = (
        "Incorrect API key provided: sk-inval*********6789. You can find your API key at https://platform.openai.com/account/api-keys."
    )
    failed(talk, run, "server_error", message)


def test_a_model_the_upstream_does_not_know(conversation: Make) -> None:
    talk = conversation(model="gpt-of-tomorrow")
    run = talk.settled(talk.start().id)
    assert run.last_error.code == "server_error"
    assert "gpt-of-tomorrow" in run.last_error.message
    assert run.model == "gpt-of-tomorrow"
    talk.client.beta.assistants.update(talk.assistant.id, model="gpt-4o")
    talk.goes_on()


def test_a_refusal_that_comes_again_however_little_is_asked_is_not_argued_with(conversation: Make, upstream: OfflineUpstream) -> None:
    """The upstream refuses a parameter that was not sent, and reasoning that was left out already."""
    talk = conversation(model="gpt-6-sol")
    no_temperature = HttpError(400, "No temperature.", "unsupported_value", param="temperature")
    upstream.script(no_temperature)
    run = talk.settled(talk.start().id)
    assert len(upstream.requests) == 1
    failed(talk, run, "server_error", "No temperature.")
    upstream.requests.clear()
    unreadable = HttpError(400, "The encrypted content could not be verified.", "invalid_encrypted_content")
    upstream.script(unreadable, unreadable)
    run = talk.settled(talk.start().id)
    assert len(upstream.requests) == 2
    failed(talk, run, "server_error", "The encrypted content could not be verified.")


# -- tried again


@pytest.mark.parametrize(
    "trouble",
    [
        HttpError(429, "Slow down.", "rate_limit_exceeded", headers={"retry-after-ms": "1"}),
        HttpError(429, "Slow down.", "rate_limit_exceeded", headers={"retry-after": "0.001"}),
        HttpError(500, "Oops."),
        HttpError(502, ""),
        HttpError(503, "Overloaded."),
        HttpError(408, "Too slow."),
        HttpError(409, "In the way."),
        Unreachable(),
        Failed("server_error", "Oops."),
        BrokenStream(WORDS, after_events=0),
        BrokenStream(WORDS, after_events=2),
        BrokenStream(WORDS, after_events=5),
        BrokenStream(WORDS, FunctionCall("get_weather"), after_events=13),
        BrokenStream(Reasoning(), WORDS, after_events=9),
    ],
    ids=repr,
)
def test_a_passing_trouble_is_not_noticed(conversation: Make, upstream: OfflineUpstream, trouble: Any) -> None:
    """Not by whom has no stream: neither in the run nor in its steps nor in the thread's messages."""
    talk = conversation(model="gpt-6-sol", tools=[WEATHER])
    upstream.script(*[trouble] * (TRIES - 1), Turn(Reasoning(), "All is well."))
    run = talk.settled(talk.start().id)
    nulls_of_a_terminal(run)
    assert run.status == "completed"
    assert talk.messages()[1:] == [("assistant", "All is well.")]
    assert len(talk.raw_messages(run.id)) == 1
    (step,) = talk.steps(run.id)
    assert (step.status, step.usage.to_dict()) == ("completed", run.usage.to_dict())
    if not isinstance(trouble, Unreachable):
        bodies = [request.body for request in upstream.requests]
        assert bodies == bodies[:1] * TRIES
    talk.goes_on()


@pytest.mark.parametrize(
    ("trouble", "code", "message"),
    [
        (HttpError(429, "Slow down.", "rate_limit_exceeded"), "rate_limit_exceeded", "Slow down."),
        (HttpError(500, "Oops."), "server_error", "Oops."),
        (HttpError(500, ""), "server_error", SORRY),
        (Unreachable(), "server_error", SORRY),
        (BrokenStream(WORDS, after_events=1), "server_error", SORRY),
        (BrokenStream(WORDS, after_events=6), "server_error", SORRY),
        (Failed("server_error", "Oops."), "server_error", "Oops."),
    ],
    ids=repr,
)
def test_a_trouble_that_does_not_pass_fails_the_run(
    conversation: Make, upstream: OfflineUpstream, trouble: Any, code: str, message: str
) -> None:
    talk = conversation()
    upstream.script(*[trouble] * TRIES)
    run = talk.settled(talk.start().id)
    assert upstream.unused == 0
    failed(talk, run, code, message)


def test_no_retries_where_none_are_wanted(upstream: OfflineUpstream, client: openai.OpenAI, settings: Settings) -> None:
    eager = Settings(store=settings.store, max_retries=0)
    other = client.with_options(base_url="https://other.test/v1")
    attach(other, eager)
    talk = Conversation(other, upstream, runtime_for(eager))
    upstream.script(HttpError(500, "Oops."))
    failed(talk, talk.settled(talk.start().id), "server_error", "Oops.")


def test_the_upstream_says_how_long_to_wait(conversation: Make, upstream: OfflineUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    decisions: list[recovery.Decision] = []
    real = recovery.decide
    monkeypatch.setattr(recovery, "decide", lambda *about: decisions.append(real(*about)) or decisions[-1])  # type: ignore[func-returns-value]
    talk = conversation()
    upstream.script(HttpError(429, "Slow down.", headers={"retry-after-ms": "7", "retry-after": "60"}), "Fine.")
    assert talk.settled(talk.start().id).status == "completed"
    assert decisions == [recovery.Wait(0.007)]


# -- while a stream is read


@pytest.mark.parametrize("trouble", [HttpError(500, "Oops."), Unreachable(), BrokenStream(WORDS, after_events=2)], ids=repr)
def test_a_trouble_before_the_first_step_is_not_noticed_in_a_stream_either(
    conversation: Make, upstream: OfflineUpstream, trouble: Any
) -> None:
    talk = conversation()
    upstream.script(trouble, "All is well.")
    names = Reader(talk.start(stream=True)).finish()
    assert [name for name in names if "delta" not in name] == [
        "thread.run.created", "thread.run.queued", "thread.run.in_progress",
        "thread.run.step.created", "thread.run.step.in_progress", "thread.message.created", "thread.message.in_progress",
        "thread.message.completed", "thread.run.step.completed", "thread.run.completed",
    ]  # fmt: skip
    talk.goes_on()


@pytest.mark.parametrize(
    ("trouble", "text", "error"),
    [
        (BrokenStream(WORDS, after_events=3), None, ("server_error", SORRY)),
        (BrokenStream(WORDS, after_events=6), "One two", ("server_error", SORRY)),
        (Failed("server_error", "Oops.", (WORDS,)), "One two three", ("server_error", "Oops.")),
        (Failed("rate_limit_exceeded", "Slow down.", (WORDS,)), "One two three", ("rate_limit_exceeded", "Slow down.")),
    ],
    ids=["before the first word", "after words", "failed", "rate limit"],
)
def test_a_stream_that_has_told_of_a_message_cannot_begin_it_again(
    conversation: Make, upstream: OfflineUpstream, trouble: Any, text: str | None, error: tuple[str, str]
) -> None:
    talk = conversation()
    upstream.script(trouble)
    reader = Reader(talk.start(stream=True))
    assert reader.finish()[-3:] == ["thread.message.incomplete", "thread.run.step.failed", "thread.run.failed"]
    message = reader.last("thread.message.incomplete")
    assert (message.status, message.incomplete_details.reason) == ("incomplete", "run_failed")
    assert talk.messages()[1:] == ([("assistant", text)] if text else [])
    (step,) = talk.steps(reader.run_id)
    assert step.status == "failed"
    failed(talk, talk.get(reader.run_id), *error)


@pytest.mark.parametrize("streaming", [False, True])
def test_a_content_filter_leaves_message_and_run_incomplete(conversation: Make, upstream: OfflineUpstream, streaming: bool) -> None:
    talk = conversation()
    upstream.script(Text("So much and", incomplete="content_filter"))
    if streaming:
        reader = Reader(talk.start(stream=True))
        assert reader.finish()[-3:] == ["thread.message.incomplete", "thread.run.step.completed", "thread.run.incomplete"]
        run = talk.get(reader.run_id)
    else:
        run = talk.settled(talk.start().id)
    nulls_of_a_terminal(run)
    assert (run.status, run.incomplete_details.reason) == ("incomplete", "content_filter")
    (message,) = talk.raw_messages(run.id)
    assert (message["status"], message["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})
    assert talk.messages()[1:] == [("assistant", "So much and")]
    talk.goes_on()


def test_function_calls_that_were_cut_off_are_no_calls(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(BrokenStream(FunctionCall("get_weather", {"where": "Paris"}), after_events=5))
    reader = Reader(talk.start(stream=True))
    assert reader.finish()[-2:] == ["thread.run.step.failed", "thread.run.failed"]
    failed(talk, talk.get(reader.run_id), "server_error", SORRY)


def test_the_second_leg_fails_and_the_first_ones_history_stands(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation(tools=[WEATHER])
    upstream.script(Turn("Let me see.", FunctionCall("get_weather")), HttpError(400, "No."))
    run = talk.settled(talk.start().id)
    run = talk.settled(talk.submit(run).id)
    assert run.usage.total_tokens > 0
    failed(talk, run, "server_error", "No.")
    kinds = [item["type"] for item in upstream.requests[-1].body["input"]]
    assert kinds == ["message", "message", "function_call", "function_call_output", "message"]


# -- answers that are none


class Odd:
    """A server that answers with bytes of the test's choosing, once each; then like `upstream`, from another port."""

    def __init__(self, *answers: tuple[str, bytes]) -> None:
        replies = iter(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                content_type, body = next(replies)
                self.send_response(200)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/event-stream", b""),
        ("text/event-stream", b"event: response.created\ndata: {not json}\n\n"),
        ("text/event-stream", b"data: 42\n\n"),
        ("text/event-stream", b"data: \xff\xfe\xff\n\n"),
        ("text/event-stream", b'data: {"type": "response.created"'),
        ("text/event-stream", b": a comment and nothing else\n\n"),
        ("application/json", b'{"id": "resp_1", "object": "response"}'),
    ],
    ids=["nothing", "no json", "no object", "no utf-8", "half an event", "a comment", "a response that is no stream"],
)
def test_an_answer_that_is_none_fails_the_run(settings: Settings, runtime: Runtime, content_type: str, body: bytes) -> None:
    upstream = OfflineUpstream()
    with Odd(*[(content_type, body)] * TRIES) as odd, upstream.serve() as base_url:
        with openai.OpenAI(api_key="sk-test", base_url=odd, max_retries=0) as client:
            attach(client, settings)
            talk = Conversation(client, upstream, runtime)
            run = talk.settled(talk.start().id)
        with openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as client:
            attach(client, settings)
            talk.client = client
            failed(talk, run, "server_error", SORRY)


@pytest.mark.parametrize(
    "events",
    [
        b'data: {"type": "response.output_item.added"}\n\n',
        b'data: {"type": "response.output_text.delta", "delta": 42}\n\ndata: {"type": "response.completed"}\n\n',
    ],
)
def test_events_that_make_no_sense_are_an_answer_that_broke_off(settings: Settings, runtime: Runtime, events: bytes) -> None:
    upstream = OfflineUpstream()
    with Odd(*[("text/event-stream", events)] * TRIES) as odd, openai.OpenAI(api_key="sk-test", base_url=odd, max_retries=0) as client:
        attach(client, settings)
        talk = Conversation(client, upstream, runtime)
        run = talk.settled(talk.start().id)
    assert (run.status, run.last_error.to_dict()) == ("failed", {"code": "server_error", "message": SORRY})


def test_an_error_of_our_own_fails_the_run(conversation: Make, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(Translation, "feed", lambda self, event: event["no such field"])
    talk = conversation()
    run = talk.settled(talk.start().id)
    assert (run.status, run.last_error.to_dict()) == ("failed", {"code": "server_error", "message": SORRY})
    assert "failed by an error of assistants-compat" in caplog.text  # with its traceback, for the bug report


def test_a_piece_of_code_without_the_piece_is_left_out(settings: Settings, runtime: Runtime) -> None:
    call = b'data: {"type": "response.output_item.added", "output_index": 0, "item": {"type": "code_interpreter_call"}}\n\n'
    events = call + b'data: {"type": "response.code_interpreter_call_code.delta", "output_index": 0}\n\n'
    events += b'data: {"type": "response.completed", "response": {"status": "completed"}}\n\n'
    upstream = OfflineUpstream()
    with Odd(("text/event-stream", events)) as odd, openai.OpenAI(api_key="sk-test", base_url=odd, max_retries=0) as client:
        attach(client, settings)
        talk = Conversation(client, upstream, runtime)
        run = talk.settled(talk.start().id)
    assert (run.status, run.last_error) == ("completed", None)


def test_an_answer_that_was_cut_off_and_does_not_say_why_is_too_long(settings: Settings, runtime: Runtime) -> None:
    event = b'data: {"type": "response.incomplete", "response": {"status": "incomplete", "incomplete_details": "max", "output": []}}\n\n'
    with Odd(("text/event-stream", event)) as odd, openai.OpenAI(api_key="sk-test", base_url=odd, max_retries=0) as client:
        attach(client, settings)
        talk = Conversation(client, OfflineUpstream(), runtime)
        run = talk.settled(talk.start().id)
    assert (run.status, run.incomplete_details.reason) == ("incomplete", "max_completion_tokens")


def test_nobody_listens_at_all(settings: Settings, runtime: Runtime) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused for sure
        with openai.OpenAI(api_key="sk-test", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1") as client:
            attach(client, settings)
            talk = Conversation(client, OfflineUpstream(), runtime)
            run = talk.settled(talk.start().id)
    assert (run.status, run.last_error.to_dict()) == ("failed", {"code": "server_error", "message": SORRY})


def test_a_model_may_be_silent_for_longer_than_the_program_waits_for_an_answer(settings: Settings, runtime: Runtime) -> None:
    upstream = OfflineUpstream()
    gate = Gate("response.output_text.delta")
    upstream.script(Turn("In good time.", hold=gate))
    with upstream.serve() as base_url, openai.OpenAI(api_key="sk-test", base_url=base_url, timeout=0.3, max_retries=0) as client:
        attach(client, settings)
        talk = Conversation(client, upstream, runtime)
        run = talk.start()
        gate.wait_reached(timeout=PATIENCE)
        assert not runtime.moved.wait(lambda: False, 0.4)  # longer than the program's timeout
        gate.open()
        assert talk.settled(run.id).status == "completed"
        assert len(upstream.requests) == 1


def test_an_event_hook_that_raises_for_the_status_hides_nothing(conversation: Make, upstream: OfflineUpstream) -> None:
    talk = conversation()

    def hook(response: Any) -> None:
        response.read()
        response.raise_for_status()

    talk.client._client.event_hooks["response"].append(hook)
    upstream.script(HttpError(400, "Not like this.", "invalid_value", param="input"))
    run = talk.settled(talk.start().id)
    assert (run.status, run.last_error.message) == ("failed", "Not like this.")
    assert len(upstream.requests) == 1


def test_why_nobody_answered_is_in_the_log(conversation: Make, upstream: OfflineUpstream, caplog: pytest.LogCaptureFixture) -> None:
    talk = conversation(model="gpt-6-sol")
    upstream.script(*[Unreachable()] * TRIES)
    talk.settled(talk.start().id)
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "no answer from https://api.openai.com/v1/responses: ConnectError" in warning


def test_no_call_waits_beyond_the_runs_own_end(conversation: Make, upstream: OfflineUpstream, clock: Any) -> None:
    talk = conversation(tools=[WEATHER])
    timeouts: list[Any] = []
    talk.client._client.event_hooks["request"].append(
        lambda request: timeouts.append(request.extensions["timeout"]["read"]) if request.url.path.endswith("/responses") else None
    )
    upstream.script(FunctionCall("get_weather"), "Sunny.")
    run = talk.settled(talk.start(timeout=1000).id)
    clock.advance(595)
    talk.settled(talk.submit(run, timeout=1000).id)
    assert timeouts == [600, 5]


# -- the program's own doing


@pytest.mark.parametrize("when", ["request", "response"])
def test_an_event_hook_that_raises_fails_the_run(conversation: Make, upstream: OfflineUpstream, when: str, caplog: Any) -> None:
    talk = conversation()

    def hook(message: Any) -> None:
        url = message.url if when == "request" else message.request.url
        if url.path.endswith("/responses"):
            raise ZeroDivisionError("the hook's own")

    talk.client._client.event_hooks[when].append(hook)
    run = talk.settled(talk.start().id)
    talk.client._client.event_hooks[when].clear()
    assert "ZeroDivisionError: the hook's own" in caplog.text
    upstream.script()
    failed(talk, run, "server_error", SORRY)


def test_a_store_that_fails_leaves_the_run_to_the_next_who_looks(
    conversation: Make, upstream: OfflineUpstream, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    from assistants_compat.store import items

    talk = conversation()
    calls = itertools.count()
    real = items.settle_run

    def settle_run(connection: Any, run_id: str) -> int:
        if next(calls) == 0:
            raise sa.exc.OperationalError("UPDATE items", {}, Exception("disk I/O error"))
        return real(connection, run_id)

    monkeypatch.setattr(items, "settle_run", settle_run)
    upstream.script("Never seen.", "All is well.")
    reader = Reader(talk.start(stream=True))
    names = reader.finish()
    assert "thread.run.completed" not in names
    assert "thread.message.completed" not in names
    assert talk.runtime.moved.wait(lambda: not talk.runtime.executions, PATIENCE)
    assert talk.get(reader.run_id).status == "in_progress"
    clock.advance(talk.runtime.settings.lease + 1)
    talk.get(reader.run_id)
    assert talk.settled(reader.run_id).status == "completed"
    assert talk.messages()[1:] == [("assistant", "All is well.")]
    assert len(talk.steps(reader.run_id)) == 1
