"""Whether a file can have anything to do with the Assistants API, by words alone: most files of a tree end here, unparsed."""

from __future__ import annotations

import re

# `beta` as an attribute, before one, in an import or asked for by getattr, since prose, versions and letters have it as well; the SDK's
# own names of the Assistants API; reusable prompts; assistants' ids.
_WORDS = re.compile(
    rb"""\.(?:[\s\\]|\#[^\n]*\n)*beta\b|\bbeta[\s\\]*\.[\s\\]*[A-Za-z_]|getattr\b[\s\S]{0,200}?["']beta\\?["']"""
    rb"|\bimport\b[^\n]*\bbeta\b|\bimport\s*\([^)]*\bbeta\b"
    rb"|AssistantEventHandler|\bopenai\.(?:types|lib)\b|\bpmpt_[0-9A-Za-z]|\basst_[0-9A-Za-z]|assistants_compat"
)
# What every match has in it, to be looked for first: a search for plain bytes is many times as fast as the expression.
_PLAIN = (b"beta", b"AssistantEventHandler", b"openai.types", b"openai.lib", b"pmpt_", b"asst_", b"assistants_compat")


def may_use_assistants(content: bytes) -> bool:
    """Whether `content` has one of the words without which no file uses the API."""
    return any(word in content for word in _PLAIN) and _WORDS.search(content) is not None
