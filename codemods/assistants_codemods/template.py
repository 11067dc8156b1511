"""The parts of the generated module: each is copied into the user's tree when code there needs it. Nothing here runs in the codemods."""

from __future__ import annotations

from typing import Any


def run_status(response: Any) -> str:
    """The status of a response, "requires_action" where it waits for the outputs of function calls."""
    if response.status == "completed" and any(item.type == "function_call" for item in response.output):
        return "requires_action"
    return str(response.status)


ASSISTANTS: dict[str, dict[str, Any]] = {}
"""The settings of each assistant, by its id: what responses.create takes."""
