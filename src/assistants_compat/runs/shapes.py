"""What the fields of a server's events may be. One that is something else counts as left out, as other servers leave fields out, so that
nothing that cannot be used gets into the store, where every later model call would meet it again. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Fit = Callable[[Any], Any]
"""Answers with the value, or with what of it fits; with MISFIT where it is no such thing."""

MISFIT: Any = object()


def of_types(*types: type) -> Fit:
    """`true` is no number."""
    return lambda value: value if type(value) in types else MISFIT


def text_like(pattern: str) -> Fit:
    matches = re.compile(pattern).fullmatch
    return lambda value: value if type(value) is str and matches(value) else MISFIT


@dataclass(frozen=True)
class Fields:
    """An object: the fields named here are looked at, null is as good as left out, and others are none of our business."""

    fits: Mapping[str, Fit]
    required: tuple[str, ...] = ()

    def __call__(self, value: Any) -> Any:
        if type(value) is not dict:
            return MISFIT
        kept, fits = value, self.fits
        for name, given in value.items():
            if given is None or name not in fits:
                continue
            fitting = fits[name](given)
            if fitting is not given:
                kept = dict(kept) if kept is value else kept
                if fitting is MISFIT:
                    del kept[name]
                else:
                    kept[name] = fitting
        for name in self.required:
            if kept.get(name) is None:
                return MISFIT
        return kept


@dataclass(frozen=True)
class Each:
    """A list, without the members that do not fit."""

    fit: Fit

    def __call__(self, value: Any) -> Any:
        if type(value) is not list:
            return MISFIT
        kept = [self.fit(item) for item in value]
        if all(one is other for one, other in zip(kept, value, strict=True)):
            return value
        return [item for item in kept if item is not MISFIT]


@dataclass(frozen=True)
class Either:
    """What any of these takes."""

    fits: tuple[Fit, ...]

    def __call__(self, value: Any) -> Any:
        return next((kept for kept in (fit(value) for fit in self.fits) if kept is not MISFIT), MISFIT)


_TEXT = of_types(str)
_INDEX = of_types(int)
_ARGUMENTS = of_types(str, dict)
_ID = text_like(r"[!-~]{1,256}")
"""Without spaces and control characters: PostgreSQL, for one, keeps no NUL."""
_CALL_ID = text_like(r"[!-~]{1,64}")
"""The Responses API takes no longer ones."""
_NAME = text_like(r"[a-zA-Z0-9_-]{1,64}")
"""As the names of functions have to be for the original and for the Responses API."""

_ANNOTATION = Fields(
    {
        "type": _TEXT,
        "index": _INDEX,
        "start_index": _INDEX,
        "end_index": _INDEX,
        "file_id": _ID,
        "container_id": _ID,
        "filename": _TEXT,
    },
    required=("type",),
)
_PART = Fields({"type": _TEXT, "text": _TEXT, "refusal": _TEXT, "annotations": Each(_ANNOTATION)})
_ITEM = Fields(
    {
        "id": _ID,
        "type": _TEXT,
        "role": _TEXT,
        "status": _TEXT,
        "phase": text_like("commentary|final_answer"),
        "content": Either((_TEXT, Each(Either((_PART, _TEXT))))),
        "name": _NAME,
        "call_id": _CALL_ID,
        "arguments": _ARGUMENTS,
        "code": _TEXT,
        "container_id": _ID,
        "summary": Each(Fields({"type": _TEXT, "text": _TEXT}, required=("type", "text"))),
        "encrypted_content": _TEXT,
    }
)
_COUNTS = Fields({"cached_tokens": _INDEX, "reasoning_tokens": _INDEX})
RESPONSE = Fields(
    {
        "status": _TEXT,
        "output": Each(_ITEM),
        "usage": Fields({"input_tokens_details": _COUNTS, "output_tokens_details": _COUNTS}),
        "incomplete_details": Fields({"reason": _TEXT}),
    }
)
EVENT = Fields(
    {
        "type": _TEXT,
        "output_index": _INDEX,
        "content_index": _INDEX,
        "item_id": _ID,
        "item": _ITEM,
        "part": _PART,
        "annotation": _ANNOTATION,
        "delta": _ARGUMENTS,
        "text": _TEXT,
        "refusal": _TEXT,
        "name": _NAME,
        "arguments": _ARGUMENTS,
        "response": RESPONSE,
    }
)
