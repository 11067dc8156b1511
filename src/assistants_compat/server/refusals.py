"""What the server says no to before the api is asked, in the API's own form."""

from __future__ import annotations

from assistants_compat.api.errors import ApiError


class Refused(ApiError):
    """An answer of 4xx or 5xx with headers of its own."""

    def __init__(
        self,
        message: str,
        status: int,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, status=status, type=type, code=code)
        self.headers = headers or {}


def no_key() -> Refused:
    return Refused(
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
        "(i.e. Authorization: Bearer YOUR_KEY), or in an api-key header.",
        401,
        headers={"www-authenticate": 'Bearer realm="assistants-compat"'},
    )


def wrong_key() -> Refused:
    """The key is not repeated, not even in part."""
    return Refused(
        "Incorrect API key provided. This server has keys of its own: ask whoever runs it for one.",
        401,
        code="invalid_api_key",
        headers={"www-authenticate": 'Bearer realm="assistants-compat"'},
    )


def changing_key() -> Refused:
    return Refused(
        "A token that changes from hour to hour, such as one of Microsoft Entra, cannot name a tenant: its threads would be lost with it. "
        "Use an api-key, or run the server as a gateway.",
        401,
        code="invalid_api_key",
    )


def not_from_here() -> Refused:
    return Refused(
        "This server answers programs on its own machine only. To serve others, run it with client keys (--keys) or with --pass-through.",
        403,
    )


def body_too_large(most: int) -> Refused:
    # The rest of the body is not read, so the connection is of no more use.
    return Refused(f"The request body is larger than {most} bytes.", 413, code="request_too_large", headers={"connection": "close"})


def body_too_slow(seconds: float) -> Refused:
    return Refused(f"The request body did not come: nothing for {seconds:g} seconds.", 408, headers={"connection": "close"})


def too_many_runs(most: int, whose: str) -> Refused:
    return Refused(
        f"Rate limit reached for runs: {most} at the same time {whose}. Please try again in a second.",
        429,
        type="requests",
        code="rate_limit_exceeded",
        headers={"retry-after": "1"},
    )


def closing() -> Refused:
    return Refused("This server is being stopped. Please try again.", 503, type="server_error", headers={"retry-after": "1"})


def no_store() -> Refused:
    """The log says which, and why."""
    return Refused(
        "This server cannot use its store at the moment. Please tell whoever runs it.",
        503,
        type="server_error",
        headers={"x-should-retry": "false"},
    )


def unknown_path(method: str, path: str) -> Refused:
    return Refused(f"Invalid URL ({method} {path})", 404)


def no_websockets() -> Refused:
    return Refused(
        "WebSockets are not passed on by assistants-compat serve. Connect to the upstream itself for the Realtime API.",
        501,
        type="server_error",
    )


def shared_upstream(method: str, path: str) -> Refused:
    return Refused(
        f"{method} {path} is not open here: several tenants share one upstream account, and this would reach what belongs to others. "
        "Whoever runs the server can give each tenant an upstream key of its own.",
        403,
        code="shared_upstream",
    )


def upstream_unreachable(what: str, *, timed_out: bool) -> Refused:
    return Refused(f"The upstream did not answer: {what}.", 504 if timed_out else 502, type="server_error")
