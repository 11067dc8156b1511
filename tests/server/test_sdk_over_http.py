"""The official Python SDK before the server, changed by nothing but its base URL."""

from __future__ import annotations

from typing import Any

import httpx
import openai
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from assistants_compat.server import ServerSettings, create_app
from assistants_compat.settings import Settings
from assistants_compat.testing import CodeInterpreter, FunctionCall, OfflineUpstream, Text, Turn, png

from .conftest import Serve, serving

WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


def conversation(client: openai.OpenAI, text: str = "Hi", **assistant: Any) -> tuple[Any, Any]:
    assistant = client.beta.assistants.create(model="gpt-4o", **assistant)  # type: ignore[assignment]
    thread = client.beta.threads.create(messages=[{"role": "user", "content": text}])
    return assistant, thread


def said(client: openai.OpenAI, thread: Any) -> str:
    return str(client.beta.threads.messages.list(thread.id, limit=1).data[0].content[0].text.value)  # type: ignore[union-attr]


def test_a_run_is_created_and_polled(serve: Serve, upstream: OfflineUpstream) -> None:
    upstream.script("Hello!")
    with serve().sdk() as client:
        assistant, thread = conversation(client)
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert (run.status, said(client, thread)) == ("completed", "Hello!")


def test_a_stream_arrives_event_by_event_and_function_outputs_are_streamed_on(serve: Serve, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(FunctionCall("get_weather", call_id="call_1")), Text("It is sunny.", chunks=("It is", " sunny.")))
    with serve().sdk() as client:
        assistant, thread = conversation(client, tools=[WEATHER])
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            events = [event.event for event in stream]
            run = stream.current_run
        assert events[:3] == ["thread.run.created", "thread.run.queued", "thread.run.in_progress"]
        assert events[-1] == "thread.run.requires_action"
        outputs: Any = [{"tool_call_id": "call_1", "output": "sunny"}]
        assert run is not None
        with client.beta.threads.runs.submit_tool_outputs_stream(run_id=run.id, thread_id=thread.id, tool_outputs=outputs) as stream:
            assert list(stream.text_deltas) == ["It is", " sunny."]
            assert stream.get_final_run().status == "completed"


def test_files_are_uploaded_and_those_that_code_made_are_downloaded(serve: Serve, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(CodeInterpreter("save()", files={"plot.png": png()}), Text("Here: sandbox:/mnt/data/plot.png")))
    with serve().sdk() as client:
        uploaded = client.files.create(file=("notes.txt", b"some notes"), purpose="assistants")
        assert client.files.retrieve(uploaded.id).filename == "notes.txt"
        resources: Any = {"code_interpreter": {"file_ids": [uploaded.id]}}
        assistant, thread = conversation(client, tools=[{"type": "code_interpreter"}], tool_resources=resources)
        client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        content: Any = client.beta.threads.messages.list(thread.id, limit=1).data[0].content[0]
        made = content.text.annotations[0].file_path.file_id
        assert client.files.content(made).read() == png()
        assert {file.id for file in client.files.list().data} == {made, uploaded.id}


@pytest.mark.parametrize("options", [{}, {"azure_deployment": "gpt-4o"}], ids=["resource", "deployment"])
def test_a_program_of_azures_reaches_the_same_api(options: Any, serve: Serve, upstream: OfflineUpstream) -> None:
    upstream.script("Hello!")
    served = serve()
    with openai.AzureOpenAI(
        api_key="az-test", azure_endpoint=served.url, api_version="2024-05-01-preview", max_retries=0, **options
    ) as client:
        assistant, thread = conversation(client)
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert (run.status, said(client, thread)) == ("completed", "Hello!")
        assert client.files.list().data == []
    assert [call.path for call in upstream.calls] == ["/v1/responses", "/v1/files"]


def test_an_azure_upstream_is_asked_at_its_own_paths(serve: Serve) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(401, stream=httpx.ByteStream(b'{"error": {"code": "401", "message": "Access denied"}}'))

    served = serve(transport=httpx.MockTransport(answer), upstream="https://unit.openai.azure.com")
    assert served.ask("GET", "/v1/models").status_code == 401
    served.ask("POST", "/openai/deployments/d/chat/completions?api-version=2024-10-21", {}, headers={"api-key": "k", "authorization": ""})
    with served.sdk(key="az-key") as client:
        assistant, thread = conversation(client)
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.status == "failed"
    assert [(request.url.raw_path.decode(), request.headers.get("api-key")) for request in asked] == [
        ("/openai/v1/models", "sk-test"),
        ("/openai/deployments/d/chat/completions?api-version=2024-10-21", "k"),
        ("/openai/v1/responses", "az-key"),
    ]


def test_the_app_is_mounted_at_any_path_of_another_one(base_url: str, settings: Settings, upstream: OfflineUpstream) -> None:
    upstream.script("Hello!")
    inner = create_app(ServerSettings(upstream=base_url, shutdown=0.0), settings)
    outer = Starlette(routes=[Mount("/an api/assistants", app=inner)], lifespan=lambda _: inner.router.lifespan_context(inner))
    with (
        serving(outer, inner.state.service) as served,
        openai.OpenAI(api_key="sk-test", base_url=f"{served.url}/an%20api/assistants/v1", max_retries=0) as client,
    ):
        assistant, thread = conversation(client)
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert (run.status, said(client, thread)) == ("completed", "Hello!")
        assert client.files.list().data == []
        assert httpx.get(f"{served.url}/an%20api/assistants/healthz", trust_env=False).json() == {"status": "ok"}


def test_what_a_program_has_in_process_the_server_has_too(client: openai.OpenAI, serve: Serve) -> None:
    """One store, one tenant: a program that uses the package and one that asks the local server see the same objects."""
    thread = client.beta.threads.create(metadata={"made": "in process"})
    with serve().sdk() as other:
        assert other.beta.threads.retrieve(thread.id).metadata == {"made": "in process"}


def test_a_path_that_is_no_apis_is_not_passed_on(serve: Serve, upstream: OfflineUpstream) -> None:
    served = serve()
    for path in ("/", "/v2/models", "/v1/%2e%2e/admin", "/v1/files/.%2E/models", "/openai"):
        reply = served.ask("GET", path)
        assert (reply.status_code, reply.json()["error"]["type"]) == (404, "invalid_request_error")
    assert upstream.calls == []
