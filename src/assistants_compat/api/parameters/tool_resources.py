"""What tools may use: files for the code interpreter, vector stores for the file search.

The `vector_stores` helper makes a store on the way; only requests that create something take it.
"""

from __future__ import annotations

from typing import Any

from assistants_compat.api.parameters.ids import FILE_ID, VECTOR_STORE_ID
from assistants_compat.api.parameters.metadata import METADATA
from assistants_compat.api.refusals import mutually_exclusive, number_above
from assistants_compat.api.schema import Array, Integer, Nullable, Object, Tagged


def _without_nulls(given: dict[str, Any], path: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _one_kind_of_store(given: dict[str, Any], path: str) -> dict[str, Any]:
    echo = _without_nulls(given, path)
    if len(echo) == 2:
        raise mutually_exclusive(path, "vector_store_ids", "vector_stores")
    return echo


def _overlap_at_most_half(given: dict[str, Any], path: str) -> dict[str, Any]:
    """The rule is documented; its sentence is inferred."""
    half = given["max_chunk_size_tokens"] // 2
    if given["chunk_overlap_tokens"] > half:
        raise number_above(f"{path}.chunk_overlap_tokens", "integer", half, given["chunk_overlap_tokens"])
    return given


CHUNKING_STRATEGY = Tagged(
    {
        "auto": Object({}),
        "static": Object(
            {
                "static": Object(
                    {"max_chunk_size_tokens": Integer(100, 4096), "chunk_overlap_tokens": Integer(0)},
                    required=("max_chunk_size_tokens", "chunk_overlap_tokens"),
                    echo=_overlap_at_most_half,
                )
            },
            required=("static",),
        ),
    }
)
VECTOR_STORE = Object(
    {
        "file_ids": Nullable(Array(FILE_ID, max_length=10_000, of="strings")),
        "chunking_strategy": Nullable(CHUNKING_STRATEGY),
        "metadata": METADATA,
    },
    echo=_without_nulls,
)

_CODE_INTERPRETER = Object({"file_ids": Nullable(Array(FILE_ID, max_length=20, of="strings"))}, echo=_without_nulls)
_VECTOR_STORE_IDS = Nullable(Array(VECTOR_STORE_ID, max_length=1, of="strings"))

TOOL_RESOURCES = Object(
    {
        "code_interpreter": Nullable(_CODE_INTERPRETER),
        "file_search": Nullable(Object({"vector_store_ids": _VECTOR_STORE_IDS}, echo=_without_nulls)),
    },
    echo=_without_nulls,
)
NEW_TOOL_RESOURCES = Object(
    {
        "code_interpreter": Nullable(_CODE_INTERPRETER),
        "file_search": Nullable(
            Object(
                {"vector_store_ids": _VECTOR_STORE_IDS, "vector_stores": Nullable(Array(VECTOR_STORE, max_length=1))},
                echo=_one_kind_of_store,
            )
        ),
    },
    echo=_without_nulls,
)
