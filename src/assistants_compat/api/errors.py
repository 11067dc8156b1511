"""Errors as the Assistants API said them: status, sentence, type, param and code.

Sentences are from recorded traffic or from users' reports of it (docs/compatibility.md says which is which);
programs match on these strings.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer of 4xx or 5xx. Raised anywhere below `api`, turned into a reply at the top of it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code

    def body(self) -> dict[str, Any]:
        """The JSON body, keys in the recorded order."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def not_found(kind: str, id: str) -> ApiError:
    """`kind` in the field's words: "assistant", "thread", "message", "run", "run step"."""
    return ApiError(f"No {kind} found with id '{id}'.", status=404)


def wrong_id(param: str, id: str, prefix: str) -> ApiError:
    """An id that cannot be one of its kind, as for `Invalid 'thread_id': 'undefined'. …`."""
    return ApiError(f"Invalid '{param}': '{id}'. Expected an ID that begins with '{prefix}'.", param=param, code="invalid_value")


def thread_is_running_messages(thread_id: str, run_id: str) -> ApiError:
    return ApiError(f"Can't add messages to {thread_id} while a run {run_id} is active.")


def thread_is_running(thread_id: str, run_id: str) -> ApiError:
    return ApiError(f"Thread {thread_id} already has an active run {run_id}.")


def no_user_message() -> ApiError:
    return ApiError("Run creation requires a Thread with a user message or an assistant with instructions.", code="invalid_thread")


def server_error(request_id: str) -> ApiError:
    """The recorded sentence of a 500."""
    return ApiError(
        "The server had an error processing your request. Sorry about that! You can retry your request, or contact us through "
        f"our help center at help.openai.com if you keep seeing this error. (Please include the request ID {request_id} in your email.)",
        status=500,
        type="server_error",
    )
