"""Tools for tests: an offline, strict stand-in for OpenAI's Responses API.

    upstream = OfflineUpstream()
    upstream.script(Text("Hello"))
    client = OpenAI(api_key="sk-test", http_client=httpx2.Client(transport=upstream.transport("httpx2")))

It answers with the script, then improvises; it refuses what the real API refuses, in its words.
"""

from .answers import BrokenStream, Failed, FunctionCall, HttpError, Reasoning, Refusal, Slow, Text, Turn, Unreachable
from .gate import Gate
from .improvisation import improvise
from .replies import UpstreamReply
from .upstream import OfflineUpstream, UpstreamRequest

__all__ = [
    "BrokenStream",
    "Failed",
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
]
