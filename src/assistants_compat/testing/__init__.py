"""Tools for tests: an offline, strict stand-in for OpenAI's Responses API, and a pytest plugin that brings it, and cassettes, into tests.

    def test_an_answer(offline_responses: OfflineResponses) -> None:
        offline_responses.script(Text("Hello"))
        ...

It answers with the script, then improvises; it refuses what the real API refuses, in its words. Without pytest:

    upstream = OfflineUpstream()
    client = OpenAI(api_key="sk-test", http_client=upstream.http_client())

Importing this package costs nothing, as pytest does so in every run: each name below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistants_compat.testing.answers import (
        BrokenStream,
        Failed,
        FunctionCall,
        HttpError,
        Reasoning,
        Refusal,
        Slow,
        Text,
        Turn,
        Unreachable,
    )
    from assistants_compat.testing.faults import BrokenDownload
    from assistants_compat.testing.gate import Gate
    from assistants_compat.testing.improvisation import improvise
    from assistants_compat.testing.offline_responses import OfflineResponses
    from assistants_compat.testing.replies import UpstreamReply
    from assistants_compat.testing.tool_answers import Cite, CodeInterpreter, FileSearch, Found
    from assistants_compat.testing.tool_improvisation import png
    from assistants_compat.testing.upstream import OfflineUpstream, UpstreamRequest

__all__ = [
    "BrokenDownload",
    "BrokenStream",
    "Cite",
    "CodeInterpreter",
    "Failed",
    "FileSearch",
    "Found",
    "FunctionCall",
    "Gate",
    "HttpError",
    "OfflineResponses",
    "OfflineUpstream",
    "Reasoning",
    "Refusal",
    "Slow",
    "Text",
    "Turn",
    "Unreachable",
    "UpstreamReply",
    "UpstreamRequest",
    "improvise",
    "png",
]

_NAMES_OF = {
    "answers": "BrokenStream Failed FunctionCall HttpError Reasoning Refusal Slow Text Turn Unreachable",
    "faults": "BrokenDownload",
    "gate": "Gate",
    "improvisation": "improvise",
    "offline_responses": "OfflineResponses",
    "replies": "UpstreamReply",
    "tool_answers": "Cite CodeInterpreter FileSearch Found",
    "tool_improvisation": "png",
    "upstream": "OfflineUpstream UpstreamRequest",
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
