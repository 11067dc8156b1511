"""Runs whose model calls are responses in the background: what is asked for, what is noted, what is left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.runs.leg import Leg
from assistants_compat.runs.runtime import Runtime
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, Gate, HttpError, OfflineUpstream, Reasoning, Text, Turn
from runs.helpers import PATIENCE, WEATHER, Conversation

Make = Callable[..., Conversation]
Told = Callable[[], list[str]]

WORDS = Text("One two three", chunks=("One", " two", " three"))


def test_a_model_call_is_a_stored_response_that_is_deleted_when_the_run_is_done(
    conversation: Make, upstream: OfflineUpstream, told: Told, noted: Callable[[Any], Any]
) -> None:
    talk = conversation()
    upstream.script(WORDS)
    run = talk.settled(talk.start().id)
    assert talk.messages() == [("user", "How are you?"), ("assistant", "One two three")]
    sent = upstream.requests[0].body
    assert (sent["background"], sent["store"], sent["stream"]) == (True, True, True)
    assert (run.status, run.usage.completion_tokens > 0) == ("completed", True)
    assert told() == ["DELETE"]
    assert noted(run) is None


def test_its_id_is_in_the_store_from_its_first_event_on(
    conversation: Make, upstream: OfflineUpstream, noted: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    written, real = threading.Event(), Leg.note

    def note(leg: Leg) -> None:
        real(leg)
        written.set()

    monkeypatch.setattr(Leg, "note", note)
    gate = Gate("response.output_item.added")
    upstream.script(Turn(WORDS, hold=gate))
    talk = conversation()
    run = talk.start()
    assert written.wait(PATIENCE)
    assert (noted(run)["id"], noted(run)["sequence_number"]) == (next(iter(upstream._jobs._jobs)), 0)
    gate.open()
    talk.settled(run.id)


def test_with_each_write_the_number_of_the_last_event_is_noted(
    conversation: Make, upstream: OfflineUpstream, noted: Callable[[Any], Any]
) -> None:
    gate = Gate("response.output_text.delta")
    upstream.script(Turn(WORDS, hold=gate))
    talk = conversation()
    stream = iter(talk.start(stream=True))
    run = next(stream).data
    while next(stream).event != "thread.message.in_progress":
        pass
    assert noted(run)["sequence_number"] == 3  # the message's `response.output_item.added`
    gate.open()
    assert [event.event for event in stream][-1] == "thread.run.completed"


def test_in_the_foreground_nothing_is_stored(tmp_path: Path, upstream: OfflineUpstream) -> None:
    with openai.OpenAI(api_key="sk-test", http_client=upstream.http_client()) as client:
        attach(client, Settings(store=str(tmp_path / "other.db")))
        assistant = client.beta.assistants.create(model="gpt-4o")
        client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hi"}]})
    assert upstream.requests[0].body["store"] is False
    assert "background" not in upstream.requests[0].body


@pytest.mark.parametrize("value", ["Background", "", "async", None, True])
def test_another_word_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match='\'execution\' is "foreground" or "background", not'):
        Settings(execution=value)


def test_the_environment_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().execution == "foreground"
    monkeypatch.setenv("ASSISTANTS_COMPAT_EXECUTION", "background")
    assert Settings().execution == "background"
    monkeypatch.setenv("ASSISTANTS_COMPAT_EXECUTION", "backround")
    with pytest.raises(ValueError, match="'backround'"):
        Settings()


def test_each_call_of_a_run_is_a_response_of_its_own(conversation: Make, upstream: OfflineUpstream, told: Told) -> None:
    talk = conversation(tools=[WEATHER], model="gpt-6-sol")
    upstream.script(Turn(Reasoning(), FunctionCall("get_weather")), "Sunny it is.")
    run = talk.settled(talk.start().id)
    assert told() == ["DELETE"]
    done = talk.settled(talk.submit(run).id)
    assert done.status == "completed"
    assert told() == ["DELETE", "DELETE"]
    assert [request.body["background"] for request in upstream.requests] == [True, True]
    # The reasoning comes back sealed, as in the foreground: it is the thread that remembers, not the upstream.
    assert [item["type"] for item in upstream.requests[1].body["input"]] == [
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
    ]
    assert "previous_response_id" not in upstream.requests[1].body


def test_a_failure_to_delete_is_told_and_nothing_else(conversation: Make, upstream: OfflineUpstream, told: Told, caplog: Any) -> None:
    upstream.fail("DELETE /responses/*", HttpError(500, "Not now."))
    talk = conversation()
    run = talk.settled(talk.start().id)
    assert (run.status, told()) == ("completed", ["DELETE"])
    assert "could not be deleted upstream: Not now." in caplog.text


def test_a_program_that_ends_with_its_run_leaves_nothing_behind(tmp_path: Path, upstream: OfflineUpstream) -> None:
    """The end of the loop cancels whatever runs in it."""

    async def program() -> str:
        client = openai.AsyncOpenAI(api_key="sk-test", http_client=upstream.async_http_client())
        attach(client, Settings(store=str(tmp_path / "store.db"), execution="background"))
        assistant = await client.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
        return (await client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)).status

    assert asyncio.run(program()) == "completed"
    assert [call.method for call in upstream.calls] == ["POST", "DELETE"]


# -- where the upstream does not do that


@pytest.mark.parametrize(
    "refusal",
    [
        HttpError(400, "background is not supported", param="background"),
        HttpError(400, "Background mode is not supported by this server."),
        HttpError(400, "Unknown parameter: 'background'.", "unknown_parameter", param="background"),
        HttpError(501, "`store=True` (default) is not supported."),
        HttpError(400, "Storing responses is not possible under zero data retention.", param="store"),
    ],
)
def test_an_upstream_that_refuses_is_asked_in_the_foreground(
    conversation: Make, upstream: OfflineUpstream, told: Told, caplog: Any, refusal: HttpError
) -> None:
    talk = conversation()
    upstream.script(refusal)
    for _ in range(2):
        assert talk.settled(talk.start().id).status == "completed"
    asked = [(request.body.get("background"), request.body["store"]) for request in upstream.requests]
    assert asked == [(True, True), (None, False), (None, False)]
    assert told() == []
    assert len([record for record in caplog.records if "refuses 'background'" in record.getMessage()]) == 1


def test_an_upstream_that_takes_no_notice_is_told_from_one_that_does(
    conversation: Make, upstream: OfflineUpstream, told: Told, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = upstream._create

    def deaf(request: Any) -> Any:
        request.body.pop("background", None)
        return real(request)

    monkeypatch.setattr(upstream, "_create", deaf)
    talk = conversation()
    for _ in range(2):
        assert talk.settled(talk.start().id).status == "completed"
    assert [request.body["store"] for request in upstream.requests] == [True, False]
    assert told() == ["DELETE"]
    assert "refuses 'background'" in caplog.text


def test_the_setting_of_the_upstream_may_say_so(tmp_path: Path, upstream: OfflineUpstream) -> None:
    with openai.OpenAI(api_key="sk-test", http_client=upstream.http_client()) as client:
        attach(client, Settings(store=str(tmp_path / "other.db"), execution="background", upstream="without=background"))
        assistant = client.beta.assistants.create(model="gpt-4o")
        client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hi"}]})
    assert [(request.body.get("background"), request.body["store"]) for request in upstream.requests] == [(None, False)]


def test_what_cannot_be_streamed_cannot_be_followed(tmp_path: Path, upstream: OfflineUpstream, runtime: Runtime) -> None:
    with openai.OpenAI(api_key="sk-test", http_client=upstream.http_client()) as client:
        attach(client, Settings(store=str(tmp_path / "other.db"), execution="background", upstream="without=stream"))
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
        assert client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread).status == "completed"
    assert ["background" in request.body for request in upstream.requests] == [False]
