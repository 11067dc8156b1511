"""What an error's body says, in whatever form it comes. Pure.

Forms are those of OpenAI, and those found in the sources, bug trackers and answers of the servers in docs/upstreams.md.
"""

from __future__ import annotations

import json
import re
from typing import Any

Json = dict[str, Any]

_TOO_LONG = re.compile(r"context (?:length|window|size)|max_model_len|prompt is too long|too many tokens", re.I)


def error_of(body: Any) -> Json:
    """The error object of a reply's parsed body, or of its text, with `message`, `code` and `param` as OpenAI has them; `{}`: none."""
    error = _as_object(body)
    if not error:
        return {}
    message = error.get("message")
    text = message if isinstance(message, str) else "" if message is None else json.dumps(message)
    inner = _inner(error, body, text)
    codes = [_word(error.get("code")), _word(inner.get("code"))]
    code = next(filter(None, reversed(codes) if inner.get("param") else codes), None)
    if code is None and _TOO_LONG.search(text) and re.search("exceed|maximum|too (?:long|many)|larger|overflow", text, re.I):
        code = "context_length_exceeded"
    param = _word(error.get("param")) or _word(inner.get("param"))
    return {**error, "message": text, "code": code, "param": None if param is None else param.removeprefix("body.")}


def _as_object(body: Any) -> Json:
    if isinstance(body, str):
        text = body.strip("\ufeff \t\r\n")
        return {} if not text or text.startswith("<") else {"message": text[:1000]}
    if isinstance(body, list) and body:  # Google's
        body = body[0]
    if not isinstance(body, dict):
        return {}
    error = body.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {"message": error, "code": body.get("code")}
    detail = body.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):  # FastAPI's
        return {
            "message": "; ".join(f"{_dotted(one.get('loc'))}: {one.get('msg')}" for one in detail[:3] if isinstance(one, dict)),
            "param": _dotted(detail[0].get("loc")),
            "code": detail[0].get("type"),
        }
    if isinstance(detail, dict):
        return detail
    if isinstance(detail, str):
        return {"message": detail}
    return body if isinstance(body.get("message"), str) else {}


def _inner(error: Json, body: Any, message: str) -> Json:
    """The error of the server behind a gateway, which the gateway hands on as text."""
    metadata = error.get("metadata") or (body.get("metadata") if isinstance(body, dict) else None)
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    for text in (raw, message):
        if isinstance(text, str) and "{" in text:
            try:
                found, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
            except ValueError:
                continue
            inner = _as_object(found)
            if isinstance(found.get("path"), list):  # zod's
                inner = {**found, "param": _dotted(found["path"])}
            if inner:
                return inner
    return {}


def _dotted(place: Any) -> str:
    """A place as pydantic and zod write it: `["body", "include", 0]`. Names of types that were tried are no part of it."""
    parts = (
        [str(part) for part in place if str(part) != "body" and not re.search(r"[\[\](){}]", str(part))] if isinstance(place, list) else []
    )
    return ".".join(parts)


def _word(value: Any) -> str | None:
    """LiteLLM writes None as a word, and the status as the code; vLLM's code is the status as a number."""
    return value if isinstance(value, str) and value not in ("", "None", "null") and not value.isdecimal() else None
