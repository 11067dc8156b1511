"""Tools, and which of them a run has to call.

Echo forms are recorded: a function tool comes back with `parameters` and `strict` filled in, a file_search tool with its ranking
options, their `hybrid_search` included. The echo is accepted as input, so an assistant's tools can be given to another one.
"""

from __future__ import annotations

import re
from typing import Any

from assistants_compat.api.schema import AnyObject, Array, Boolean, ByType, Choice, Decimal, Integer, Nullable, Object, Tagged, Text

NAME = Text(max_length=64, min_length=1, pattern=re.compile("^[a-zA-Z0-9_-]+$"))


def _echo_function(given: dict[str, Any], path: str) -> dict[str, Any]:
    echo = {"name": given["name"]}
    if given.get("description") is not None:
        echo["description"] = given["description"]
    echo["parameters"] = given.get("parameters") or {"type": "object", "properties": {}}
    echo["strict"] = bool(given.get("strict"))
    return echo


def _echo_ranking_options(given: dict[str, Any], path: str) -> dict[str, Any]:
    return {
        "ranker": given.get("ranker") or "default_2024_08_21",
        "score_threshold": given.get("score_threshold") or 0.0,
        "hybrid_search": given.get("hybrid_search"),
    }


def _echo_search_options(given: dict[str, Any], path: str) -> dict[str, Any]:
    ranking = given.get("ranking_options") or _echo_ranking_options({}, path)
    if given.get("max_num_results") is None:
        return {"ranking_options": ranking}
    return {"max_num_results": given["max_num_results"], "ranking_options": ranking}


def _echo_file_search(given: dict[str, Any], path: str) -> dict[str, Any]:
    return {"file_search": given.get("file_search") or _echo_search_options({}, path)}


FUNCTION = Object(
    {"name": NAME, "description": Nullable(Text()), "parameters": Nullable(AnyObject()), "strict": Nullable(Boolean())},
    required=("name",),
    echo=_echo_function,
)
RANKING_OPTIONS = Object(
    {
        "ranker": Nullable(Choice(("auto", "default_2024_08_21"))),
        "score_threshold": Nullable(Decimal(0, 1)),
        "hybrid_search": Nullable(AnyObject()),
    },
    echo=_echo_ranking_options,
)
SEARCH_OPTIONS = Object(
    {"max_num_results": Nullable(Integer(1, 50)), "ranking_options": Nullable(RANKING_OPTIONS)},
    echo=_echo_search_options,
)

TOOLS = Array(
    Tagged(
        {
            "code_interpreter": Object({}),
            "file_search": Object({"file_search": Nullable(SEARCH_OPTIONS)}, echo=_echo_file_search),
            "function": Object({"function": FUNCTION}, required=("function",)),
        }
    ),
    max_length=128,
)
"""128 for assistants; the description of runs says 20, but an assistant's own tools given back to its run were never too many."""

ATTACHMENT_TOOLS = Array(Tagged({"code_interpreter": Object({}), "file_search": Object({})}))

TOOL_CHOICE = ByType(
    {
        str: Choice(("none", "auto", "required")),
        dict: Tagged(
            {
                "function": Object({"function": Object({"name": NAME}, required=("name",))}, required=("function",)),
                "code_interpreter": Object({}),
                "file_search": Object({}),
            }
        ),
    },
    "one of an object or 'none', 'auto', or 'required'",
)
