"""The server's own settings: who may use it, where its upstream is, and its limits. How runs behave is `assistants_compat.Settings`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

PREFIX = "ASSISTANTS_COMPAT_SERVER_"

Mode = Literal["local", "pass-through", "gateway"]


@dataclass(frozen=True)
class ServerSettings:
    """Unset fields come from `ASSISTANTS_COMPAT_SERVER_<FIELD>` in the environment, else from the default.

    Raises:
        ValueError: a value that cannot be used, named with its field.
    """

    mode: Mode = "local"
    """`local`: this machine only, one tenant, callers' own keys go upstream. `pass-through`: each caller's own key goes upstream and
    names its tenant. `gateway`: callers have keys of this server, `upstream_key` goes upstream."""

    upstream: str = "https://api.openai.com/v1"
    """The base URL of the API that serves everything else: OpenAI's, a compatible one, or `https://NAME.openai.azure.com`."""

    azure: bool = False
    """Whether the upstream is Azure OpenAI though its host does not look like it."""

    upstream_key: str = field(default="", repr=False)
    """In gateway mode, the key that pays. Empty: `OPENAI_API_KEY`, or for Azure `AZURE_OPENAI_API_KEY`."""

    organization: str = ""
    """In gateway mode, sent as `OpenAI-Organization`. Empty: `OPENAI_ORG_ID`."""

    project: str = ""
    """In gateway mode, sent as `OpenAI-Project`. Empty: `OPENAI_PROJECT_ID`."""

    keys_file: str = ""
    """In gateway mode, a file of client keys: `TENANT KEY` a line."""

    keys: str = field(default="", repr=False)
    """The same as text; entries may be separated by commas too."""

    share_upstream_objects: bool = False
    """In gateway mode, whether tenants that share an upstream key may use its files, vector stores and other objects, which they
    then share too."""

    tenant_secret: str = field(default="", repr=False)
    """In pass-through mode, the secret under which tenants' names are hashed. Empty: one that is kept beside the store."""

    max_body_bytes: int = 32 * 1024 * 1024
    """The largest body of a request to the Assistants API."""

    max_runs: int = 1000
    """Runs that this process executes at the same time."""

    max_runs_per_tenant: int = 100
    """The same for one tenant."""

    keep_alive: float = 15.0
    """Seconds without an event after which a stream is sent a comment, so that proxies keep it open."""

    patience: float = 60.0
    """Seconds that a client may take to accept, or to send, the next piece of a body."""

    max_unread_bytes: int = 4 * 1024 * 1024
    """Bytes of events that are kept for a stream's reader who does not read. Then its stream is cut off; its run goes on."""

    shutdown: float = 30.0
    """Seconds that runs are given to finish when the server is stopped. Then other processes may take them over."""

    log_content: bool = False
    """Whether the log has the bodies of Assistants requests in it. Keys never are."""

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ValueError(f"assistants-compat: 'mode' is one of {', '.join(get_args(Mode))}, not {self.mode!r}.")
        if self.mode != "gateway" and (self.keys or self.keys_file):
            raise ValueError(f"assistants-compat: client keys are for mode 'gateway', not for {self.mode!r}.")
        url = urlsplit(self.upstream)
        if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query:
            raise ValueError("assistants-compat: 'upstream' is a base URL such as https://api.openai.com/v1, without user and query.")
        for name in ("max_body_bytes", "max_runs", "max_runs_per_tenant", "keep_alive", "patience", "max_unread_bytes"):
            if not getattr(self, name) > 0:
                raise ValueError(f"assistants-compat: '{name}' must be above 0, not {getattr(self, name)!r}.")
        if self.shutdown < 0:
            raise ValueError("assistants-compat: 'shutdown' must not be negative.")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **given: Any) -> ServerSettings:
        """`given`, then what the environment says, then the defaults. With client keys the mode is `gateway` unless one is named."""
        environ = os.environ if environ is None else environ
        found = dict(given)
        for each in fields(cls):
            text = environ.get(PREFIX + each.name.upper())
            if text and each.name not in found:
                found[each.name] = _read(each.name, text, _PARSERS.get(str(each.type), str))
        for name, variables in _ELSEWHERE.items():
            if not found.get(name):
                found[name] = next((environ[variable] for variable in variables if environ.get(variable)), "")
        if found.get("keys") or found.get("keys_file"):
            found.setdefault("mode", "gateway")
        return cls(**found)


_ELSEWHERE = {
    "upstream_key": ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"),
    "organization": ("OPENAI_ORG_ID",),
    "project": ("OPENAI_PROJECT_ID",),
}


def _read(name: str, text: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"assistants-compat: {PREFIX}{name.upper()}={text!r} cannot be read: {error}.") from None


def _boolean(text: str) -> bool:
    if text.lower() not in ("1", "true", "yes", "0", "false", "no"):
        raise ValueError("expected true or false")
    return text.lower() in ("1", "true", "yes")


_PARSERS: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "bool": _boolean}
