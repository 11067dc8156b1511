"""What versions of the SDK have and others lack, as far as a program on the shim, or one moved off it, meets it.

Since when is known from the SDK's own history; for the versions of the matrix, `test_features` looks.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from importlib.metadata import distribution
from importlib.util import find_spec
from typing import NamedTuple

import openai
from openai.resources import beta, responses
from openai.types.shared import ReasoningEffort


class Feature(NamedTuple):
    name: str
    is_here: Callable[[], bool]
    """Whether the SDK that is installed has it."""
    since: tuple[int, ...]
    without: str
    """What is otherwise where it is missing."""
    until: tuple[int, ...] | None = None
    """The first version that has it no more."""

    def is_in(self, version: tuple[int, ...]) -> bool:
        return self.since <= version and (self.until is None or version < self.until)


def _annotation_of(parameter: str) -> str:
    return str(inspect.signature(openai.OpenAI.__init__).parameters[parameter].annotation)


def _efforts() -> set[str]:
    return {value for part in typing.get_args(ReasoningEffort) for value in typing.get_args(part)}


def _is_deprecated(method: Callable[..., object]) -> bool:
    return hasattr(method, "__deprecated__")


FEATURES = (
    Feature(
        "`beta.assistants` and `beta.threads` with their poll helpers, streams and event handlers",
        lambda: hasattr(beta.threads.Runs, "create_and_poll") and hasattr(openai, "AsyncAssistantEventHandler"),
        (1, 16),
        "the shim does not install: it needs openai 1.66",
    ),
    Feature(
        "`vector_stores`, `responses`",
        lambda: {"vector_stores", "responses"} <= set(dir(openai.OpenAI(api_key="sk"))),
        (1, 66),
        "the shim does not install: it needs openai 1.66",
    ),
    Feature(
        "`beta.vector_stores`",
        lambda: find_spec("openai.resources.beta.vector_stores") is not None,
        (1, 21),
        "clients that are answered have it all the same: another name of `vector_stores`",
        until=(1, 66),
    ),
    Feature(
        "a function as `api_key`",
        lambda: "Callable" in _annotation_of("api_key"),
        (1, 106),
        "`api_key` is text; Azure's `azure_ad_token_provider` is a function in every version",
    ),
    Feature(
        "`DeprecationWarning` from methods of `beta.threads`",
        lambda: _is_deprecated(beta.threads.Threads.create),
        (1, 83),
        "no warning that the Assistants API is going",
    ),
    Feature(
        "`DeprecationWarning` from methods of `beta.assistants`",
        lambda: _is_deprecated(beta.Assistants.create),
        (2, 16),
        "no warning that the Assistants API is going",
    ),
    Feature(
        '`reasoning_effort="minimal"` for type checkers',
        lambda: "minimal" in _efforts(),
        (1, 99, 2),
        "a type checker complains; what is sent is the same",
    ),
    Feature(
        '`reasoning_effort="none"` for type checkers',
        lambda: "none" in _efforts(),
        (2, 8),
        "a type checker complains; what is sent is the same",
    ),
    Feature(
        '`reasoning_effort="xhigh"` for type checkers',
        lambda: "xhigh" in _efforts(),
        (2, 9),
        "a type checker complains; what is sent is the same",
    ),
    Feature(
        "`containers`",
        lambda: hasattr(openai.OpenAI, "containers"),
        (1, 81),
        "code that was moved over cannot read what the code interpreter wrote; on the shim, `files.content` does in every version",
    ),
    Feature(
        "`responses.retrieve(…, stream=True, starting_after=…)`",
        lambda: "starting_after" in inspect.signature(responses.Responses.retrieve).parameters,
        (1, 82),
        "code that was moved over cannot go on reading a response in the background; the shim does so itself",
    ),
    Feature(
        "`conversations`",
        lambda: hasattr(openai.OpenAI, "conversations"),
        (1, 101),
        "`assistants-compat migrate --to responses` tells so (AC014): native code keeps its threads there",
    ),
    Feature(
        "`responses.input_tokens`",
        lambda: hasattr(responses.Responses, "input_tokens"),
        (2, 6),
        "code that was moved over cannot have tokens counted",
    ),
    Feature(
        "the command `openai`, with `openai migrate`",
        lambda: any(entry.name == "openai" for entry in distribution("openai").entry_points),
        (1, 0),
        "nothing of this project uses it",
        until=(2, 35),
    ),
)
