"""What several of these tests look at: key orders as recorded, and the events of a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from assistants_compat.testing import OfflineUpstream

Json = dict[str, Any]


def words(text: str) -> list[str]:
    return text.split()


ASSISTANT = words(
    "id object created_at name description model instructions tools top_p temperature reasoning_effort tool_resources "
    "metadata response_format"
)
THREAD = words("id object created_at metadata tool_resources")
MESSAGE = words("id object created_at assistant_id thread_id run_id role content attachments metadata")
MODIFIED_MESSAGE = words("id object created_at assistant_id thread_id run_id role content file_ids metadata")
STREAMED_MESSAGE = words(
    "id object created_at assistant_id thread_id run_id status incomplete_details incomplete_at completed_at role content "
    "attachments metadata"
)
RUN = words(
    "id object created_at assistant_id thread_id status started_at expires_at cancelled_at failed_at completed_at "
    "required_action last_error model instructions tools tool_resources metadata temperature top_p reasoning_effort "
    "max_completion_tokens max_prompt_tokens truncation_strategy incomplete_details usage response_format tool_choice "
    "parallel_tool_calls"
)
STEP = words(
    "id object created_at run_id assistant_id thread_id type status cancelled_at completed_at expires_at failed_at last_error "
    "step_details usage"
)
LIST = words("object data first_id last_id has_more")
USAGE = words("prompt_tokens completion_tokens total_tokens prompt_token_details completion_tokens_details")

BEGUN = ["thread.run.created", "thread.run.queued", "thread.run.in_progress"]
STEP_BEGUN = ["thread.run.step.created", "thread.run.step.in_progress"]
MESSAGE_BEGUN = [*STEP_BEGUN, "thread.message.created", "thread.message.in_progress"]
MESSAGE_ENDED = ["thread.message.completed", "thread.run.step.completed"]


def is_id(prefix: str, text: Any) -> bool:
    return re.fullmatch(rf"{prefix}_[0-9A-Za-z]{{24}}", text) is not None


def distinct_keys(pairs: list[tuple[str, Any]]) -> Json:
    """For `json.loads`: an object whose keys come once each, in the order they were sent in."""
    found = dict(pairs)
    assert len(found) == len(pairs), f"a key comes twice: {[key for key, _ in pairs]}"
    return found


def parsed(content: bytes) -> Any:
    return json.loads(content, object_pairs_hook=distinct_keys)


def events(content: bytes) -> list[tuple[str, Any]]:
    """The events of a stream, which ends with `done`; framed exactly as recorded."""
    blocks = content.decode().split("\n\n")
    assert blocks.pop() == ""
    found = []
    for block in blocks:
        first, second = block.split("\n")
        assert first.startswith("event: ")
        assert second.startswith("data: ")
        data = second[6:]
        found.append((first[7:], data if data == "[DONE]" else parsed(data.encode())))
    assert found[-1] == ("done", "[DONE]")
    return found


def folded(names: Iterable[str]) -> list[str]:
    """Names of events with deltas in a row as one."""
    found: list[str] = []
    for name in names:
        if not (found and found[-1] == name and name.endswith(".delta")):
            found.append(name)
    return found


def user(text: str) -> Json:
    """A user's message as the input of a model call has it."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def said(text: str, **more: Any) -> Json:
    """An assistant's message as the input of a model call has it."""
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}], **more}


def function(name: str = "get_weather", **more: Any) -> Json:
    """A function tool as a program gives it."""
    return {"type": "function", "function": {"name": name, **more}}


def values(message: Any) -> list[str]:
    """The texts of a message of the SDK's."""
    return [part.text.value for part in message.content if part.type == "text"]


def submit(client: Any, run: Any, outputs: dict[str, str]) -> Any:
    """Give a run of the SDK's its tools' outputs and wait for what comes of it."""
    given = [{"tool_call_id": id, "output": output} for id, output in outputs.items()]
    return client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=run.thread_id, tool_outputs=given)


class Wire(OfflineUpstream):
    """The upstream, with the bytes of each model call as its transport has read them, and the response or error that it answered."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.bodies: list[bytes] = []
        self.answers: list[Json] = []

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        reply = super().handle(method, path, headers, body)
        if method == "POST" and path.endswith("/responses"):
            self.bodies.append(body)
            self.answers.append(reply.events[-1]["response"] if reply.events else reply.json)
        return reply

    def asked(self, request: Json) -> Json:
        """The answer to a request that is sent to it directly: a response, or `{"error": …}`."""
        body = json.dumps({**request, "stream": False}).encode()
        answer: Json = super().handle("POST", "/v1/responses", {"authorization": "Bearer sk-test"}, body).json
        self.requests.pop()
        return answer

    def refusal(self, request: Json) -> Json:
        """The same for a request that it has to refuse: the error."""
        error: Json = self.asked(request)["error"]
        return error
