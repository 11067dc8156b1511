"""What an assistant and a run both say about the model: its sampling, its answer's format, its effort."""

from __future__ import annotations

from assistants_compat.api.parameters.metadata import METADATA
from assistants_compat.api.parameters.tools import NAME, TOOLS
from assistants_compat.api.schema import AnyObject, Boolean, ByType, Check, Choice, Decimal, Nullable, Object, Tagged, Text

MODEL = Text(min_length=1)
INSTRUCTIONS = Nullable(Text(max_length=256_000))

RESPONSE_FORMAT = ByType(
    {
        str: Choice(("auto",)),
        dict: Tagged(
            {
                "text": Object({}),
                "json_object": Object({}),
                "json_schema": Object(
                    {
                        "json_schema": Object(
                            {
                                "name": NAME,
                                "description": Nullable(Text()),
                                "schema": Nullable(AnyObject()),
                                "strict": Nullable(Boolean()),
                            },
                            required=("name",),
                        )
                    },
                    required=("json_schema",),
                ),
            }
        ),
    },
    "one of an object or 'auto'",
)

SETTINGS: dict[str, Check] = {
    "instructions": INSTRUCTIONS,
    "tools": Nullable(TOOLS),
    "temperature": Nullable(Decimal(0, 2)),
    "top_p": Nullable(Decimal(0, 1)),
    "response_format": Nullable(RESPONSE_FORMAT),
    "reasoning_effort": Nullable(Choice(("none", "minimal", "low", "medium", "high", "xhigh", "max"))),
    "metadata": METADATA,
}
