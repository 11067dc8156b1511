"""Azure OpenAI: whatever the program's client is, the model call goes to the v1 endpoint, as that client would have made it."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import openai
import pytest
import sqlalchemy as sa

from assistants_compat import wrap
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.settings import Settings
from assistants_compat.store.tables import metadata
from assistants_compat.testing import FunctionCall, OfflineUpstream
from assistants_compat.testing.replies import UpstreamReply
from assistants_compat.testing.transports import async_http_client, http_client

ENDPOINT = "https://unit.openai.azure.com"
V1 = f"{ENDPOINT}/openai/v1/"
WEATHER: Any = {"type": "function", "function": {"name": "get_weather"}}


class Azure:
    """An offline upstream whose models are deployments. `calls` is what reached it: path with query, headers, model."""

    def __init__(self) -> None:
        self.upstream = OfflineUpstream(models={"my-deployment": "gpt-6-sol", "gpt-4": "gpt-6-sol"})
        self.calls: list[tuple[str, Mapping[str, str], Any]] = []

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> UpstreamReply:
        reply = self.upstream.handle(method, path, headers, body)
        self.calls.append((path, headers, self.upstream.calls[-1].body))
        return reply

    @property
    def tokens(self) -> list[str]:
        return [headers["authorization"].removeprefix("Bearer ") for _, headers, _ in self.calls]

    def client(self, settings: Settings, **options: Any) -> openai.AzureOpenAI:
        where = {} if "base_url" in options else {"azure_endpoint": ENDPOINT}
        more = {"api_version": "2024-05-01-preview", **where, **options}
        return wrap(openai.AzureOpenAI(max_retries=0, http_client=http_client(self, None), **more), settings)  # type: ignore[arg-type]


@pytest.fixture
def azure() -> Azure:
    return Azure()


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def run_on(client: Any, model: str = "my-deployment", **fields: Any) -> Any:
    assistant = client.beta.assistants.create(model=model, **fields)
    thread = {"messages": [{"role": "user", "content": "Hello"}]}
    return client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)


@pytest.mark.parametrize(
    "version", ["2023-12-01-preview", "2024-05-01-preview", "2024-10-21", "2025-04-01-preview", "2026-10-01", "preview"]
)
def test_the_v1_endpoint_is_called_whatever_api_version_the_program_names(azure: Azure, settings: Settings, version: str) -> None:
    run = run_on(azure.client(settings, api_version=version, api_key="k"))
    assert (run.status, run.last_error) == ("completed", None)
    ((path, headers, body),) = azure.calls
    assert path == "/openai/v1/responses"
    assert headers["api-key"] == "k"
    assert body["model"] == "my-deployment"


@pytest.mark.parametrize(
    "options",
    [
        {"azure_deployment": "my-deployment"},
        {"base_url": f"{ENDPOINT}/openai"},
        {"base_url": f"{ENDPOINT}/openai/deployments/my-deployment"},
        {"base_url": V1},
    ],
    ids=["azure_deployment", "base_url", "base_url with a deployment", "base_url of v1"],
)
def test_so_it_is_for_clients_with_a_deployment_or_a_base_url_of_their_own(azure: Azure, settings: Settings, options: Any) -> None:
    assert run_on(azure.client(settings, api_key="k", **options)).status == "completed"
    assert [path for path, _, _ in azure.calls] == ["/openai/v1/responses"]


def test_a_plain_client_of_the_v1_endpoint_is_one_of_azure(azure: Azure, settings: Settings) -> None:
    client = wrap(openai.OpenAI(base_url=V1, api_key="k", max_retries=0, http_client=http_client(azure, None)), settings)  # type: ignore[arg-type]
    assert run_on(client, "gpt-4").status == "completed"
    ((path, headers, body),) = azure.calls
    assert (path, headers["authorization"], body["model"]) == ("/openai/v1/responses", "Bearer k", "gpt-4")


def test_a_deployment_called_like_a_model_that_is_gone_is_called_by_its_name(azure: Azure, settings: Settings, caplog: Any) -> None:
    run = run_on(azure.client(settings, api_key="k"), "gpt-4")
    assert (run.status, run.model) == ("completed", "gpt-4")
    assert [body["model"] for _, _, body in azure.calls] == ["gpt-4"]
    assert caplog.records == []


def test_an_entra_token_is_sent_as_it_was_given(azure: Azure, settings: Settings) -> None:
    assert run_on(azure.client(settings, azure_ad_token="token-1")).status == "completed"
    assert azure.tokens == ["token-1"]
    assert "api-key" not in azure.calls[0][1]


def numbered() -> tuple[Callable[[], str], list[str]]:
    """A token provider that never gives the same twice, and what it gave."""
    given: list[str] = []
    numbers = itertools.count(1)

    def provider() -> str:
        given.append(f"token-{next(numbers)}")
        return given[-1]

    return provider, given


def test_a_provider_is_asked_for_each_request_and_a_leg_has_the_token_of_the_request_that_began_it(
    azure: Azure, settings: Settings
) -> None:
    provider, given = numbered()
    client = azure.client(settings, azure_ad_token_provider=provider)
    azure.upstream.script(FunctionCall("get_weather"), "Sunny.")
    assistant = client.beta.assistants.create(model="my-deployment", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    begun = len(given)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.required_action is not None
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    submitted = len(given)
    client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call.id, "output": "Sunny"}]
    )
    assert azure.tokens == [given[begun], given[submitted]]
    assert len(set(given)) == len(given)


def test_an_async_provider_too(azure: Azure, settings: Settings) -> None:
    provider, given = numbered()

    async def later() -> str:
        await anyio.lowlevel.checkpoint()
        return provider()

    async def run() -> tuple[str, int]:
        http = async_http_client(azure, None)  # type: ignore[arg-type]
        client = wrap(
            openai.AsyncAzureOpenAI(
                azure_endpoint=ENDPOINT, api_version="2024-10-21", azure_ad_token_provider=later, max_retries=0, http_client=http
            ),
            settings,
        )
        assistant = await client.beta.assistants.create(model="my-deployment")
        begun = len(given)
        thread: Any = {"messages": [{"role": "user", "content": "Hello"}]}
        done = await client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)
        return done.status, begun

    status, begun = anyio.run(run)
    assert status == "completed"
    assert azure.tokens == [given[begun]]


@pytest.mark.skipif(
    "Callable" not in str(inspect.signature(openai.OpenAI.__init__).parameters["api_key"].annotation),
    reason="this SDK takes no function as api_key",
)
def test_a_plain_client_whose_key_is_a_function(azure: Azure, settings: Settings) -> None:
    provider, given = numbered()
    options: Any = {"base_url": V1, "api_key": provider, "max_retries": 0}
    client = wrap(openai.OpenAI(http_client=http_client(azure, None), **options), settings)  # type: ignore[arg-type]
    assistant = client.beta.assistants.create(model="my-deployment")
    begun = len(given)
    thread: Any = {"messages": [{"role": "user", "content": "Hello"}]}
    assert client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread).status == "completed"
    assert azure.tokens == [given[begun]]


def test_a_token_is_neither_stored_nor_told(azure: Azure, settings: Settings, caplog: Any) -> None:
    run_on(azure.client(settings, azure_ad_token="token-secret"))
    with runtime_for(settings).database.read() as connection:
        kept = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    assert "my-deployment" in str(kept)
    assert "token-secret" not in str(kept)
    assert "token-secret" not in caplog.text
