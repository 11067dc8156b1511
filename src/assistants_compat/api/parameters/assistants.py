"""Bodies for assistants. `file_ids`, left over from the first version of the API, is unknown here as it was to the second."""

from __future__ import annotations

from assistants_compat.api.parameters.settings import MODEL, SETTINGS
from assistants_compat.api.parameters.tool_resources import NEW_TOOL_RESOURCES, TOOL_RESOURCES
from assistants_compat.api.schema import Check, Nullable, Object, Text

_ASSISTANT: dict[str, Check] = {
    "model": MODEL,
    "name": Nullable(Text(max_length=256)),
    "description": Nullable(Text(max_length=512)),
    **SETTINGS,
}

CREATE_ASSISTANT = Object({**_ASSISTANT, "tool_resources": Nullable(NEW_TOOL_RESOURCES)}, required=("model",))
MODIFY_ASSISTANT = Object({**_ASSISTANT, "tool_resources": Nullable(TOOL_RESOURCES)})
