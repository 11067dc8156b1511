"""Bodies for runs.

Null for anything a run can override means "as the assistant has it" and is kept, so that it can be told from a value.
"""

from __future__ import annotations

from typing import Any

from assistants_compat.api.parameters.ids import ASSISTANT_ID
from assistants_compat.api.parameters.messages import MESSAGE
from assistants_compat.api.parameters.metadata import METADATA
from assistants_compat.api.parameters.settings import MODEL, SETTINGS
from assistants_compat.api.parameters.threads import CREATE_THREAD
from assistants_compat.api.parameters.tool_resources import TOOL_RESOURCES
from assistants_compat.api.parameters.tools import TOOL_CHOICE
from assistants_compat.api.refusals import missing
from assistants_compat.api.schema import Array, Boolean, Check, Integer, Nullable, Object, Tagged, Text

TOKEN_LIMIT = Integer(1)
"""Documented as 256 or more, but 16 was accepted (recorded), so 1 is."""


def _echo_last_messages(given: dict[str, Any], path: str) -> dict[str, Any]:
    return {"last_messages": given.get("last_messages")}


def _need_last_messages(given: dict[str, Any], path: str) -> dict[str, Any]:
    if given.get("last_messages") is None:
        raise missing(f"{path}.last_messages")
    return given


TRUNCATION_STRATEGY = Tagged(
    {
        "auto": Object({"last_messages": Nullable(Integer(1))}, echo=_echo_last_messages),
        "last_messages": Object({"last_messages": Nullable(Integer(1))}, echo=_need_last_messages),
    }
)

_RUN: dict[str, Check] = {
    "assistant_id": ASSISTANT_ID,
    "model": Nullable(MODEL),
    **SETTINGS,
    "stream": Nullable(Boolean()),
    "max_prompt_tokens": Nullable(TOKEN_LIMIT),
    "max_completion_tokens": Nullable(TOKEN_LIMIT),
    "truncation_strategy": Nullable(TRUNCATION_STRATEGY),
    "tool_choice": Nullable(TOOL_CHOICE),
    "parallel_tool_calls": Nullable(Boolean()),
}

CREATE_RUN = Object(
    {
        **_RUN,
        "additional_instructions": Nullable(Text(max_length=256_000)),
        "additional_messages": Nullable(Array(MESSAGE)),
    },
    required=("assistant_id",),
)
CREATE_THREAD_AND_RUN = Object(
    {**_RUN, "thread": Nullable(CREATE_THREAD), "tool_resources": Nullable(TOOL_RESOURCES)},
    required=("assistant_id",),
)
MODIFY_RUN = Object({"metadata": METADATA})

TOOL_OUTPUT = Object(
    {"tool_call_id": Text(min_length=1), "output": Text(max_length=10_485_760)},
    required=("tool_call_id", "output"),
)
"""The length is the Responses API's, where the output goes."""

SUBMIT_TOOL_OUTPUTS = Object(
    {"tool_outputs": Array(TOOL_OUTPUT), "stream": Nullable(Boolean())},
    required=("tool_outputs",),
)
