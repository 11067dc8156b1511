"""Tools for tests: an offline, strict stand-in for OpenAI's Responses API.

    upstream = OfflineUpstream()
    upstream.script(Text("Hello"))
    client = OpenAI(api_key="sk-test", http_client=httpx2.Client(transport=upstream.transport("httpx2")))

It answers with the script, then improvises; it refuses what the real API refuses, in its words.
"""

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
