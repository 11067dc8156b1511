"""A program as its type checker sees it: with `assistants_compat`'s clients, every type is the one the SDK gives.

`mypy --strict` and `pyright` check this file; nothing runs it.
"""

from __future__ import annotations

import openai
from openai._legacy_response import LegacyAPIResponse
from openai.lib.streaming import AssistantEventHandler, AssistantStreamManager, AsyncAssistantEventHandler, AsyncAssistantStreamManager
from openai.pagination import AsyncCursorPage, SyncCursorPage
from openai.types.beta import Assistant, AssistantDeleted, AssistantStreamEvent, Thread
from openai.types.beta.threads import Message, Run
from openai.types.beta.threads.runs import RunStep
from openai.types.responses import Response
from typing_extensions import assert_type

import assistants_compat
from assistants_compat import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI, Settings, install, uninstall, wrap


class Handler(AssistantEventHandler):
    pass


class AsyncHandler(AsyncAssistantEventHandler):
    pass


def sync_program() -> None:
    client = OpenAI(
        api_key="sk-test",
        organization="org",
        project="proj",
        base_url="https://api.openai.com/v1",
        timeout=openai.Timeout(60, connect=5),
        max_retries=0,
        default_headers={"x-team": "a"},
        default_query={"q": 1},
        http_client=openai.DefaultHttpxClient(),
        compat=Settings(store=":memory:"),
    )
    as_sdk_client: openai.OpenAI = client
    assert_type(as_sdk_client.api_key, str)

    assistant = client.beta.assistants.create(model="gpt-4o", tools=[{"type": "file_search"}])
    assert_type(assistant, Assistant)
    assert_type(client.beta.assistants.delete(assistant.id), AssistantDeleted)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    assert_type(thread, Thread)
    assert_type(client.beta.threads.messages.create(thread.id, role="user", content="Hi"), Message)
    assert_type(client.beta.threads.messages.list(thread.id, order="asc"), SyncCursorPage[Message])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert_type(run, Run)
    assert_type(client.beta.threads.runs.create(thread.id, assistant_id="a"), Run)
    assert_type(client.beta.threads.runs.create(thread.id, assistant_id="a", stream=True), openai.Stream[AssistantStreamEvent])
    assert_type(client.beta.threads.runs.steps.list(run.id, thread_id=thread.id), SyncCursorPage[RunStep])
    stream = client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id)
    assert_type(stream, AssistantStreamManager[AssistantEventHandler])
    handled = client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=Handler())
    assert_type(handled, AssistantStreamManager[Handler])
    assert_type(client.beta.with_raw_response.threads.create(), LegacyAPIResponse[Thread])
    with client.beta.threads.with_streaming_response.create() as response:
        assert_type(response, openai.APIResponse[Thread])

    assert_type(client.copy(), OpenAI)
    assert_type(client.with_options(timeout=5), OpenAI)
    assert_type(client.responses.create(model="gpt-4o", input="Hi"), Response)
    OpenAI(compat="threads.db")
    OpenAI(compat=None)


async def async_program() -> None:
    async with AsyncOpenAI(http_client=openai.DefaultAsyncHttpxClient(), compat=":memory:") as client:
        as_sdk_client: openai.AsyncOpenAI = client
        thread = await as_sdk_client.beta.threads.create()
        assert_type(thread, Thread)
        run = await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id="a")
        assert_type(run, Run)
        streamed = await client.beta.threads.runs.create(thread.id, assistant_id="a", stream=True)
        assert_type(streamed, openai.AsyncStream[AssistantStreamEvent])
        handled = client.beta.threads.runs.stream(thread_id=thread.id, assistant_id="a", event_handler=AsyncHandler())
        assert_type(handled, AsyncAssistantStreamManager[AsyncHandler])
        assert_type(await client.beta.threads.messages.list(thread.id), AsyncCursorPage[Message])
        assert_type(await client.beta.threads.with_raw_response.create(), LegacyAPIResponse[Thread])
        assert_type(client.with_options(max_retries=1), AsyncOpenAI)


def azure_program(endpoint: str) -> None:
    client = AzureOpenAI(azure_endpoint=endpoint, api_version="2024-05-01-preview", api_key="k", compat=":memory:")
    as_sdk_client: openai.AzureOpenAI = client
    assert_type(as_sdk_client.beta.threads.create(), Thread)
    assert_type(client.copy(api_version="2024-10-21"), AzureOpenAI)
    AzureOpenAI(base_url=f"{endpoint}/openai", api_version="2024-05-01-preview", azure_ad_token="t")
    AzureOpenAI(api_version="2024-05-01-preview", azure_deployment="gpt-4o", azure_ad_token_provider=lambda: "t")


async def async_azure_program(endpoint: str) -> None:
    client = AsyncAzureOpenAI(azure_endpoint=endpoint, api_version="2024-05-01-preview", azure_ad_token_provider=lambda: "t")
    assert_type(await client.beta.threads.create(), Thread)
    assert_type(client.with_options(timeout=None), AsyncAzureOpenAI)


def other_ways_in(sync_client: openai.OpenAI, azure_client: openai.AsyncAzureOpenAI) -> None:
    assert_type(wrap(sync_client), openai.OpenAI)
    assert_type(wrap(azure_client, Settings(hold=0)), openai.AsyncAzureOpenAI)
    assert_type(wrap(OpenAI()), OpenAI)
    install()
    install(Settings(), base_urls=["https://gateway.example"])
    uninstall()
    assert_type(assistants_compat.__version__, str)
    assert_type(assistants_compat.Client().beta.threads.create(), Thread)


class Ours(OpenAI):
    """A subclass with a constructor of its own."""

    def __init__(self, tenant: str) -> None:
        super().__init__(api_key=tenant, compat=f"{tenant}.db")


def mistakes_are_still_found(client: OpenAI) -> None:
    OpenAI(apikey="sk")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    OpenAI(max_retries="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    OpenAI(http_client=openai.DefaultAsyncHttpxClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    OpenAI(compat=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AzureOpenAI(azure_endpoint=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.beta.threads.crate()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    wrap("client")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
