"""The Assistants API as the analysis knows it: what each resource, method and object has, and of what kind that is. Pure data.

A kind is a text: a resource is named by its path (`beta.threads.runs`), an object by the reference's word (`run`), a field that
has no kind of its own by object and name (`run.model`), several of a kind by `list[…]`, what the SDK pages by `page[…]`.
Source: the resource classes and types of openai 1.21 to 3.52.
"""

from __future__ import annotations

CLIENT = "client"
BETA = "client.beta"

RESOURCES: dict[str, dict[str, str]] = {
    CLIENT: {"beta": BETA, "vector_stores": "vector_stores", "files": "files"},
    BETA: {"threads": "beta.threads", "assistants": "beta.assistants", "vector_stores": "beta.vector_stores"},
    "beta.threads": {"runs": "beta.threads.runs", "messages": "beta.threads.messages"},
    "beta.threads.runs": {"steps": "beta.threads.runs.steps"},
    "beta.threads.messages": {"files": "beta.threads.messages.files"},
    "beta.assistants": {"files": "beta.assistants.files"},
    "beta.vector_stores": {"files": "beta.vector_stores.files", "file_batches": "beta.vector_stores.file_batches"},
    "beta.threads.runs.steps": {},
    "beta.threads.messages.files": {},
    "beta.assistants.files": {},
    "beta.vector_stores.files": {},
    "beta.vector_stores.file_batches": {},
    "vector_stores": {},
    "files": {},
}
"""What is below each resource."""

ASSISTANTS_RESOURCES = frozenset(name for name in RESOURCES if name.startswith("beta."))

RAW = ("with_raw_response", "with_streaming_response")
"""Spellings of a resource whose methods answer with something else than the object."""

_STREAM = "run_stream_manager"

METHODS: dict[str, dict[str, str]] = {
    "beta.threads": {
        "create": "thread",
        "retrieve": "thread",
        "update": "thread",
        "delete": "deleted",
        "create_and_run": "run",
        "create_and_run_poll": "run",
        "create_and_run_stream": _STREAM,
    },
    "beta.threads.messages": {
        "create": "message",
        "retrieve": "message",
        "update": "message",
        "delete": "deleted",
        "list": "page[message]",
    },
    "beta.threads.runs": {
        "create": "run",
        "retrieve": "run",
        "update": "run",
        "cancel": "run",
        "list": "page[run]",
        "create_and_poll": "run",
        "create_and_stream": _STREAM,
        "poll": "run",
        "stream": _STREAM,
        "submit_tool_outputs": "run",
        "submit_tool_outputs_and_poll": "run",
        "submit_tool_outputs_stream": _STREAM,
    },
    "beta.threads.runs.steps": {"list": "page[step]", "retrieve": "step"},
    "beta.assistants": {
        "create": "assistant",
        "retrieve": "assistant",
        "update": "assistant",
        "delete": "deleted",
        "list": "page[assistant]",
    },
    "beta.vector_stores": {
        "create": "vector_store",
        "retrieve": "vector_store",
        "update": "vector_store",
        "modify": "vector_store",
        "delete": "deleted",
        "list": "page[vector_store]",
        "search": "page[vector_store_hit]",
    },
    "beta.vector_stores.files": dict.fromkeys(
        ("create", "retrieve", "update", "delete", "list", "create_and_poll", "poll", "upload", "upload_and_poll", "content"),
        "vector_store_file",
    ),
    "beta.vector_stores.file_batches": dict.fromkeys(
        ("create", "retrieve", "cancel", "create_and_poll", "list_files", "poll", "upload_and_poll"), "vector_store_batch"
    ),
    "beta.assistants.files": dict.fromkeys(("create", "retrieve", "delete", "list"), "v1"),
    "beta.threads.messages.files": dict.fromkeys(("retrieve", "list"), "v1"),
    "files": {"content": "file_content", "create": "file", "retrieve": "file", "delete": "file_deleted"},
}
"""What each method returns. `files` is here because generated files are read through it."""

POSITIONAL: dict[str, tuple[str, ...]] = {
    "beta.threads.retrieve": ("thread_id",),
    "beta.threads.update": ("thread_id",),
    "beta.threads.delete": ("thread_id",),
    "beta.threads.messages.create": ("thread_id",),
    "beta.threads.messages.list": ("thread_id",),
    "beta.threads.messages.retrieve": ("message_id",),
    "beta.threads.messages.update": ("message_id",),
    "beta.threads.messages.delete": ("message_id",),
    "beta.threads.runs.create": ("thread_id",),
    "beta.threads.runs.list": ("thread_id",),
    "beta.threads.runs.retrieve": ("run_id",),
    "beta.threads.runs.update": ("run_id",),
    "beta.threads.runs.cancel": ("run_id",),
    "beta.threads.runs.submit_tool_outputs": ("run_id",),
    "beta.threads.runs.poll": ("run_id", "thread_id"),
    "beta.threads.runs.steps.list": ("run_id",),
    "beta.threads.runs.steps.retrieve": ("step_id",),
    "beta.assistants.retrieve": ("assistant_id",),
    "beta.assistants.update": ("assistant_id",),
    "beta.assistants.delete": ("assistant_id",),
    "files.content": ("file_id",),
}
"""Parameters that may be given by position, in order; `self` left out."""

FIELDS: dict[str, dict[str, str]] = {
    "thread": {"id": "thread.id", "tool_resources": "tool_resources"},
    "assistant": {"id": "assistant.id", "tools": "list[assistant_tool]", "tool_resources": "tool_resources"},
    "assistant_tool": {"function": "assistant_tool.function"},
    "message": {
        "id": "message.id",
        "thread_id": "thread.id",
        "run_id": "run.id",
        "assistant_id": "assistant.id",
        "content": "list[content]",
        "attachments": "list[attachment]",
    },
    "content": {"text": "text", "image_file": "image_file", "image_url": "image_url", "type": "content.type"},
    "text": {"value": "text.value", "annotations": "list[annotation]"},
    "annotation": {"file_citation": "file_citation", "file_path": "file_path", "type": "annotation.type"},
    "file_citation": {"file_id": "file.id"},
    "file_path": {},
    "image_file": {},
    "run": {
        "id": "run.id",
        "thread_id": "thread.id",
        "assistant_id": "assistant.id",
        "status": "run.status",
        "required_action": "required_action",
        "last_error": "last_error",
        "usage": "usage",
        "incomplete_details": "incomplete_details",
    },
    "required_action": {"submit_tool_outputs": "tool_request", "type": "required_action.type"},
    "tool_request": {"tool_calls": "list[tool_call]"},
    "tool_call": {"id": "tool_call.id", "function": "tool_call.function", "type": "tool_call.type"},
    "step": {
        "id": "step.id",
        "run_id": "run.id",
        "thread_id": "thread.id",
        "assistant_id": "assistant.id",
        "step_details": "step_details",
        "last_error": "last_error",
        "usage": "usage",
    },
    "step_details": {"tool_calls": "list[step_tool_call]", "message_creation": "message_creation", "type": "step_details.type"},
    "message_creation": {"message_id": "message.id"},
    "step_tool_call": {
        "type": "step_tool_call.type",
        "function": "step_tool_call.function",
        "code_interpreter": "step_tool_call.code_interpreter",
        "file_search": "step_tool_call.file_search",
    },
    "message_delta_event": {"id": "message.id", "delta": "message_delta"},
    "message_delta": {"content": "list[content_delta]"},
    "content_delta": {"text": "text_delta", "type": "content_delta.type"},
    "text_delta": {"value": "text_delta.value"},
    "text_created": {},
    "message_snapshot": {},
    "text_snapshot": {"value": "text_snapshot.value"},
    "text_done": {"value": "text_done.value", "annotations": "list[annotation]"},
    "step_delta_event": {"id": "step.id", "delta": "step_delta"},
    "step_delta": {"step_details": "step_details_delta"},
    "step_details_delta": {"tool_calls": "list[tool_call_delta]", "type": "step_details_delta.type"},
    "tool_call_delta": {
        "type": "tool_call_delta.type",
        "function": "tool_call_delta.function",
        "code_interpreter": "tool_call_delta.code_interpreter",
        "file_search": "tool_call_delta.file_search",
    },
    "tool_call_delta.code_interpreter": {"outputs": "list[code_output]"},
    "tool_call_delta.function": {},
    "streamed_call": {
        "type": "streamed_call.type",
        "function": "streamed_call.function",
        "code_interpreter": "streamed_call.code_interpreter",
        "file_search": "streamed_call.file_search",
    },
    "streamed_call.code_interpreter": {"outputs": "list[code_output]"},
    "streamed_call.function": {},
    "code_output": {"type": "code_output.type", "image": "code_output.image"},
    "stream_error": {},
    "deleted": {},
    "vector_store": {"id": "vector_store.id"},
    "file": {"id": "file.id"},
    "run_stream": {
        "current_run": "run",
        "current_run_step_snapshot": "step",
        "current_message_snapshot": "message",
        "text_deltas": "text_deltas",
    },
    "event": {"data": "event.data", "event": "event.event"},
}
"""The fields of objects that have a kind of their own."""

STREAM_METHODS: dict[str, str] = {
    "until_done": "none",
    "get_final_run": "run",
    "get_final_messages": "list[message]",
    "get_final_run_steps": "list[step]",
    "close": "none",
}

SERIALISERS = frozenset({"model_dump", "model_dump_json", "to_dict", "to_json", "json", "dict", "copy", "model_copy"})
"""What every object of the SDK has, and shows its shape to others."""

OBJECTS = frozenset(FIELDS) | {"last_error", "usage", "incomplete_details", "tool_resources", "attachment", "image_url", "message_creation"}
"""Kinds that are objects, not texts or numbers."""

_PAYLOADS = (
    ("thread.message.delta", "message_delta_event"),
    ("thread.message.", "message"),
    ("thread.run.step.delta", "step_delta_event"),
    ("thread.run.step.", "step"),
    ("thread.run.", "run"),
    ("thread.created", "thread"),
    ("error", "stream_error"),
)


def payload_of(event: str) -> str | None:
    """The kind of what an event of this name brings as `data`."""
    return next((kind for prefix, kind in _PAYLOADS if event.startswith(prefix)), None)


EVENT_TYPES: dict[str, str] = {
    "ThreadCreated": "thread.created",
    "ThreadRunCreated": "thread.run.created",
    "ThreadRunQueued": "thread.run.queued",
    "ThreadRunInProgress": "thread.run.in_progress",
    "ThreadRunRequiresAction": "thread.run.requires_action",
    "ThreadRunCompleted": "thread.run.completed",
    "ThreadRunIncomplete": "thread.run.incomplete",
    "ThreadRunFailed": "thread.run.failed",
    "ThreadRunCancelling": "thread.run.cancelling",
    "ThreadRunCancelled": "thread.run.cancelled",
    "ThreadRunExpired": "thread.run.expired",
    "ThreadRunStepCreated": "thread.run.step.created",
    "ThreadRunStepInProgress": "thread.run.step.in_progress",
    "ThreadRunStepDelta": "thread.run.step.delta",
    "ThreadRunStepCompleted": "thread.run.step.completed",
    "ThreadRunStepFailed": "thread.run.step.failed",
    "ThreadRunStepCancelled": "thread.run.step.cancelled",
    "ThreadRunStepExpired": "thread.run.step.expired",
    "ThreadMessageCreated": "thread.message.created",
    "ThreadMessageInProgress": "thread.message.in_progress",
    "ThreadMessageDelta": "thread.message.delta",
    "ThreadMessageCompleted": "thread.message.completed",
    "ThreadMessageIncomplete": "thread.message.incomplete",
    "ErrorEvent": "error",
}
"""The SDK's classes of events, and the names that they carry."""

PAYLOAD_TYPES: dict[str, str] = {"MessageDeltaEvent": "thread.message.delta", "RunStepDeltaEvent": "thread.run.step.delta"}
"""Classes of `data` that one event alone has."""

IDS = frozenset({"thread.id", "run.id", "message.id", "assistant.id", "step.id"})
"""Kinds of ids whose life the migration has to keep whole."""

HANDLERS = {
    "openai.AssistantEventHandler",
    "openai.AsyncAssistantEventHandler",
    "openai.lib.streaming.AssistantEventHandler",
    "openai.lib.streaming.AsyncAssistantEventHandler",
}

HANDLER_PARAMETERS: dict[str, tuple[str, ...]] = {
    "on_event": ("event",),
    "on_text_created": ("text_created",),
    "on_text_delta": ("text_delta", "text_snapshot"),
    "on_text_done": ("text_done",),
    "on_message_created": ("message",),
    "on_message_delta": ("message_delta", "message_snapshot"),
    "on_message_done": ("message",),
    "on_run_step_created": ("step",),
    "on_run_step_delta": ("step_delta", "step"),
    "on_run_step_done": ("step",),
    "on_tool_call_created": ("streamed_call",),
    "on_tool_call_delta": ("tool_call_delta", "streamed_call"),
    "on_tool_call_done": ("streamed_call",),
    "on_image_file_done": ("image_file",),
    "on_exception": ("none",),
    "on_timeout": (),
    "on_end": (),
}
"""What the methods of an event handler are given."""

CLIENT_CLASSES = frozenset(
    f"{package}.{name}"
    for package in ("openai", "assistants_compat", "openai.lib.azure", "openai._client")
    for name in ("OpenAI", "AsyncOpenAI", "AzureOpenAI", "AsyncAzureOpenAI", "Client", "AsyncClient")
)

_TYPES = {
    "Thread": "thread",
    "ThreadDeleted": "deleted",
    "Assistant": "assistant",
    "AssistantDeleted": "deleted",
    "Run": "run",
    "Message": "message",
    "ThreadMessage": "message",
    "RunStep": "step",
    "ToolCall": "step_tool_call",
    "FunctionToolCall": "step_tool_call",
    "CodeInterpreterToolCall": "step_tool_call",
    "FileSearchToolCall": "step_tool_call",
    "ToolCallDelta": "tool_call_delta",
    "MessageDelta": "message_delta",
    "MessageDeltaEvent": "message_delta_event",
    "RunStepDelta": "step_delta",
    "RunStepDeltaEvent": "step_delta_event",
    "RequiredActionFunctionToolCall": "tool_call",
    "RequiredAction": "required_action",
    "TextContentBlock": "content",
    "ImageFileContentBlock": "content",
    "ImageURLContentBlock": "content",
    "MessageContent": "content",
    "MessageContentText": "content",
    "MessageContentImageFile": "content",
    "Text": "text",
    "TextDelta": "text_delta",
    "Annotation": "annotation",
    "FileCitationAnnotation": "annotation",
    "FilePathAnnotation": "annotation",
    "ImageFile": "image_file",
    "AssistantStreamEvent": "event",
    "VectorStore": "vector_store",
}


def kind_of_type(dotted: str) -> str | None:
    """The kind of object that the type at `dotted` (`openai.types.beta.threads.Run`) is; None for all others."""
    if dotted in CLIENT_CLASSES:
        return CLIENT
    if dotted.startswith(("openai.types.beta.", "openai.types.beta:")):
        return _TYPES.get(dotted.rpartition(".")[2])
    return None


def element_of(kind: str) -> str | None:
    """What iterating over `kind` gives; None where it does not iterate."""
    for form in ("list[", "page["):
        if kind.startswith(form):
            return kind[len(form) : -1]
    return {"run_stream": "event", "text_deltas": "text_deltas.item"}.get(kind)


def field_of(kind: str, name: str) -> str | None:
    """The kind of the field `name` of an object of `kind`; None where `kind` is not an object."""
    if kind.startswith("page[") and name == "data":
        return f"list[{kind[5:-1]}]"
    if kind.startswith("event["):
        return (payload_of(kind[6:-1]) if name == "data" else None) or FIELDS["event"].get(name)
    known = FIELDS.get(kind)
    if known is not None and name in known:
        return known[name]
    if kind in OBJECTS or "." in kind or kind.startswith("page["):
        return f"{kind}.{name}"
    return None
