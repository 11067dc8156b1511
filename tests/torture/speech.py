"""A model whose every answer says what it was sent, so that a history in which something is lost or doubled shows in the answer."""

from __future__ import annotations

import hashlib
from typing import Any

from assistants_compat.testing import CodeInterpreter, FunctionCall, Reasoning, Slow, Text, Turn
from assistants_compat.testing.answers import Answer

Json = dict[str, Any]

MODEL = "gpt-6-sol"
WEATHER: Json = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
CODE: Json = {"type": "code_interpreter"}
LONG = 2000
"""Characters."""
MADE = b"1,2,3\n" * 100
MUCH = MADE * 3500


def heard(texts: list[str]) -> str:
    """The answer to a history in which the users said this; a long one is repeated in short."""
    whole = " / ".join(texts)
    return f"Heard {whole}" if len(whole) < LONG else f"Heard {len(texts)} messages: {hashlib.sha256(whole.encode()).hexdigest()}"


def answer(request: Json) -> Answer:
    """What is asked for is in the words of the last message: weather, code, slowly. All else is answered at once."""
    said = [_text(item) for item in request["input"] if item.get("role") == "user"]
    last = max(index for index, item in enumerate(request["input"]) if item.get("role") == "user")
    since = [item.get("type") for item in request["input"][last:]]
    words = tuple(word + " " for word in heard(said).split(" "))
    text = Text("".join(words).rstrip(), chunks=(*words[:-1], words[-1].rstrip()))
    wish = said[-1]
    if "weather" in wish and "function_call_output" not in since:
        return Turn(Reasoning(), Text("Let me see."), FunctionCall("get_weather"))
    if "much code" in wish:
        return Turn(CodeInterpreter("save()", files={"a.csv": MUCH}), Text(f"{text.text} sandbox:/mnt/data/a.csv"))
    if "code" in wish:
        return Turn(CodeInterpreter("save()", files={"a.csv": MADE}), Text(f"{text.text} sandbox:/mnt/data/a.csv"))
    if "slowly" in wish:
        return Slow(Turn(text), delay=0.03)
    return Turn(text)


def _text(item: Json) -> str:
    content = item["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
