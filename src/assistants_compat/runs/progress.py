"""What a run has done so far, kept beside its public object so that any process can go on with it. Pure.

`rounds`: finished model calls. `usage`: their tokens. `step_usage`: tokens of the call whose function calls wait for outputs,
shown on their step once it completes. `drawn`: images that no message has shown yet; `uncited`: those
that the model has not cited yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistants_compat.runs.lifecycle import add_usage

Json = dict[str, Any]


def start(resources: Json, *, shows_results: bool) -> Json:
    """A run that has yet to begin, with what its tools may use: `vector_store_ids`, `thread_store`, `file_ids`.

    Args:
        shows_results: whether its stream shows what a file search found.
    """
    return {
        "rounds": 0,
        "usage": None,
        "step_usage": None,
        "drawn": [],
        "uncited": [],
        "resources": resources,
        "shows_results": shows_results,
    }


def after_call(
    progress: Json, usage: Json | None, *, waits_for_outputs: bool, drawn: Sequence[str] = (), uncited: Sequence[str | None] = ()
) -> Json:
    """After one more model call that cost `usage`."""
    return {
        **progress,
        "rounds": progress["rounds"] + 1,
        "usage": add_usage(progress["usage"], usage),
        "step_usage": usage if waits_for_outputs else None,
        "drawn": list(drawn),
        "uncited": list(uncited),
    }


def completion_tokens_left(run: Json, progress: Json) -> int | None:
    """What is left of `max_completion_tokens`, a budget over all model calls of the run. None: no budget."""
    return _left(run["max_completion_tokens"], progress, "completion_tokens")


def prompt_tokens_left(run: Json, progress: Json) -> int | None:
    """What is left of `max_prompt_tokens`, likewise."""
    return _left(run["max_prompt_tokens"], progress, "prompt_tokens")


def _left(budget: int | None, progress: Json, kind: str) -> int | None:
    if budget is None:
        return None
    used = progress["usage"][kind] if progress["usage"] else 0
    return max(0, int(budget) - int(used))
