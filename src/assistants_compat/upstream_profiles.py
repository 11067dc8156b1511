"""What a server that speaks the Responses API may not take, by name, and the servers whose gaps are known beforehand. Pure.

The names are those of the setting `upstream` and of the warnings. A server's gaps are usually learnt from its refusals (see
`runs.refusals`); a profile says them in advance, and is the only way to be told of what a server ignores without a word.
"""

from __future__ import annotations

from types import MappingProxyType

ENCRYPTED_REASONING = "reasoning.encrypted_content"

OWN = MappingProxyType(
    {
        "store": "that the answer is not to be kept there",
        "prompt_cache_key": "the thread's id as a hint to prompt caches",
        "include": "everything in `include`",
        ENCRYPTED_REASONING: "the request for reasoning to send back on the next call",
        "file_search_call.results": "the request for what a file search read",
        "code_interpreter_call.outputs": "the request for what code printed",
        "phase": "the phase of earlier answers",
        "reasoning_items": "the reasoning of earlier calls",
        "output_parts": "earlier answers as lists of parts: they go as plain text",
        "developer": "the role 'developer': such a message goes as 'system'",
        "strict": "`strict` on function tools",
        "detail": "`detail` on images",
        "stream": "streaming: the answer comes in one piece",
    }
)
"""What this project puts into a request of its own accord: a program loses nothing by it but what is said here."""

ASKED_FOR = MappingProxyType(
    {
        "temperature": "the sampling temperature",
        "top_p": "nucleus sampling",
        "reasoning": "the reasoning effort",
        "max_output_tokens": "the limit of an answer's length",
        "parallel_tool_calls": "that tools are to be called one at a time",
        "named_tool_choice": "a certain tool as the choice: only that tool is sent, and 'required'",
        "tool_choice": "a choice of tools other than 'auto'",
        "ranking_options": "the score threshold of file search",
        "max_num_results": "the number of results of file search",
        "file_search": "the tool file_search",
        "code_interpreter": "the tool code_interpreter",
        "text.format": "the response format",
    }
)
"""What a program asked for. Leaving it out is always told."""

NAMES = frozenset(OWN) | frozenset(ASKED_FOR)

LEARNT = NAMES - {"text.format"}
"""What is left out after a refusal. A program that wants JSON can do nothing with an answer that is none: there the run fails, unless
the setting says otherwise."""

OF_THE_MODEL = frozenset({"temperature", "top_p", "reasoning", "file_search", "code_interpreter"})
"""What one model of a server takes and another refuses."""

PROFILES = MappingProxyType(
    {
        "auto": frozenset[str](),
        "openai": frozenset[str](),
        "azure": frozenset[str](),
        # Taken and ignored (its sources, 0.33).
        "vllm": frozenset({"file_search"}),
        # Tools of another type become functions without a name; tool_choice and json_object are ignored (its sources, 0.33).
        "ollama": frozenset({"file_search", "code_interpreter", "tool_choice", "developer"}),
        # Refused with `tools.N.type` as the parameter (its bug tracker, 0.3.29 to 0.4.12).
        "lmstudio": frozenset({"file_search", "code_interpreter"}),
        # Any tool is taken for a function; these parameters are ignored with a line in its log (its sources, 5.23).
        "transformers": frozenset({"file_search", "code_interpreter", "tool_choice", "text.format", "include", "store"}),
        # What it takes depends on the provider behind it.
        "litellm": frozenset[str](),
        # Refused earlier answers as lists of parts, for fields they lack (CherryHQ/cherry-studio 10477, microsoft/agent-framework 3795).
        "openrouter": frozenset({"output_parts"}),
    }
)


_OWN_MODELS = frozenset({"vllm", "ollama", "lmstudio", "transformers"})
"""Servers whose models are not OpenAI's, whatever their names. The gateways, litellm and openrouter, lead to OpenAI as well."""


def has_own_models(setting: str) -> bool:
    """Whether the setting names a server to which OpenAI's dates mean nothing."""
    return _profile_of(setting) in _OWN_MODELS


def _profile_of(setting: str) -> str:
    return setting.partition("without=")[0].strip().rstrip(",;").strip() or "auto"


def left_out_in_advance(setting: str) -> frozenset[str]:
    """What the setting says to leave out: `vllm`, `without=include,store`, or both, as `vllm,without=include`.

    Raises:
        ValueError: a name that is not known.
    """
    _, found, listed = setting.partition("without=")
    names = frozenset(name.strip() for name in listed.split(",") if name.strip())
    profile = _profile_of(setting)
    if profile not in PROFILES:
        raise ValueError(f"there is no profile {profile!r}; there are {', '.join(PROFILES)}")
    if found and not names:
        raise ValueError("after 'without=' comes what is to be left out")
    unknown = sorted(names - NAMES)
    if unknown:
        raise ValueError(f"{unknown[0]!r} is nothing that can be left out; there are {', '.join(sorted(NAMES))}")
    return PROFILES[profile] | names
