"""From the bytes of a request body to a JSON object that can be checked, kept and sent on without surprises.

What leaves here holds no NaN or Infinity, no NUL character, no half surrogate pair and no nesting deeper than 64 levels; nothing
further down has to look for these again.
"""

from __future__ import annotations

import json
import math
from typing import Any

from assistants_compat.api.errors import ApiError
from assistants_compat.api.refusals import invalid_body, too_deep, unreadable_body, unstorable_text

MAX_DEPTH = 64


def parse_body(raw: bytes) -> dict[str, Any]:
    """The body as an object, `{}` when it is empty. Of a key given twice the last one counts."""
    if not raw:
        return {}
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise too_deep(MAX_DEPTH) from None
    except ValueError:
        raise unreadable_body() from None
    if type(body) is not dict:
        raise invalid_body(body)
    if b"\\u" in raw or raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        _inspect(body)
    return body


def check_text(text: str, path: str | None) -> str:
    """Refuses what JSON can escape but a database or UTF-8 cannot hold."""
    if "\0" in text:
        raise unstorable_text(path, "a NUL character")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise unstorable_text(path, "an unpaired surrogate") from None
    return text


def _refuse_constant(name: str) -> ApiError:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def _inspect(body: dict[str, Any]) -> None:
    """Looks at every value with a stack of its own, so that depth costs no recursion."""
    pending: list[tuple[Any, str, int]] = [(body, "", 1)]
    while pending:
        value, path, depth = pending.pop()
        if type(value) is str:
            check_text(value, path)
        elif type(value) is dict:
            if depth > MAX_DEPTH:
                raise too_deep(MAX_DEPTH)
            for key, item in value.items():
                check_text(key, path or None)
                pending.append((item, f"{path}.{key}" if path else key, depth + 1))
        elif type(value) is list:
            if depth > MAX_DEPTH:
                raise too_deep(MAX_DEPTH)
            pending.extend((item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value))
