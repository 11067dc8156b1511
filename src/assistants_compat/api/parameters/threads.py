"""Bodies for threads."""

from __future__ import annotations

from assistants_compat.api.parameters.messages import MESSAGE
from assistants_compat.api.parameters.metadata import METADATA
from assistants_compat.api.parameters.tool_resources import NEW_TOOL_RESOURCES, TOOL_RESOURCES
from assistants_compat.api.schema import Array, Nullable, Object

CREATE_THREAD = Object(
    {
        "messages": Nullable(Array(MESSAGE, max_length=100_000)),
        "tool_resources": Nullable(NEW_TOOL_RESOURCES),
        "metadata": METADATA,
    }
)
MODIFY_THREAD = Object({"tool_resources": Nullable(TOOL_RESOURCES), "metadata": METADATA})
