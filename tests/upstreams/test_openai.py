"""Whatever other servers have taught, OpenAI is sent what it was always sent: byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import openai
import pytest

from assistants_compat import wrap
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.replies import UpstreamReply
from assistants_compat.testing.transports import http_client

from .conftest import Program


class Bytes:
    """An offline upstream that keeps the bodies as they came."""

    def __init__(self) -> None:
        self.upstream = OfflineUpstream()
        self.bodies: list[bytes] = []

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> UpstreamReply:
        self.bodies.append(body)
        return self.upstream.handle(method, path, headers, body)


EXPECTED = (
    '{"model":"gpt-6-sol","instructions":"Be brief.","input":[{"type":"message","role":"user","content":'
    '[{"type":"input_text","text":"Hello ☃"}]}],"tools":[{"type":"function","name":"get_weather","parameters":'
    '{"type":"object","properties":{}},"strict":false},{"type":"code_interpreter","container":{"type":"auto"}}],'
    '"tool_choice":"required","parallel_tool_calls":false,"max_output_tokens":500,"reasoning":{"effort":"low"},'
    '"text":{"format":{"type":"text"}},"include":["code_interpreter_call.outputs","reasoning.encrypted_content"],'
    '"store":false,"stream":true,"prompt_cache_key":"THREAD"}'
)


@pytest.mark.parametrize("setting", ["auto", "openai", "azure", "litellm"])
def test_the_request_is_what_it_was(program: Callable[..., Program], settings: Settings, setting: str) -> None:
    taught = program("strict-fastapi", upstream=setting)
    taught.run(taught.thread(), taught.assistant(model="gpt-6-sol"))
    server: Any = Bytes()
    client = wrap(
        openai.OpenAI(api_key="sk-test", max_retries=0, http_client=http_client(server, None)),
        Settings(store=settings.store, upstream=setting),
    )
    tools: Any = [
        {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}},
        {"type": "code_interpreter"},
    ]
    assistant = client.beta.assistants.create(model="gpt-6-sol", instructions="Be brief.", tools=tools, reasoning_effort="low")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello ☃"}])
    client.beta.threads.runs.create_and_poll(
        thread_id=thread.id,
        assistant_id=assistant.id,
        tool_choice="required",
        parallel_tool_calls=False,
        max_completion_tokens=500,
        response_format={"type": "text"},
    )
    assert [body.decode() for body in server.bodies] == [EXPECTED.replace("THREAD", thread.id)]
