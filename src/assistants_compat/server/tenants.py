"""Who asks: the tenant whose objects a caller may see, and the credentials with which the upstream is asked for it."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import HTTPConnection

from assistants_compat.server.keys import ClientKeys
from assistants_compat.server.refusals import changing_key, no_key, not_from_here, wrong_key

Headers = tuple[tuple[str, str], ...]

# What says who a caller is. A gateway's callers are not known to its upstream.
_CREDENTIALS = frozenset({"authorization", "api-key", "x-api-key", "cookie", "openai-organization", "openai-project"})


@dataclass(frozen=True)
class Caller:
    """Somebody who may use the server.

    Args:
        tenant: at most 64 characters, in which no key can be read.
        headers: the request's, in lower case, as the upstream may see them.
        shares_upstream: whether other tenants use the same upstream account, and its objects are not to be shown.
    """

    tenant: str
    headers: Headers = field(repr=False)
    shares_upstream: bool = False


class Tenants(Protocol):
    async def caller(self, request: HTTPConnection) -> Caller:
        """Raises Refused for those who may not use the server."""


class Local:
    """Programs on this machine: one tenant, the same as that of programs which use the package itself."""

    def __init__(self, *, is_azure: bool) -> None:
        self._is_azure = is_azure

    async def caller(self, request: HTTPConnection) -> Caller:
        # By its Host a request is known that a web page has sent here by a name of its own, and by its client one that a proxy passed on.
        if not _is_loopback(request.client.host if request.client else "") or not _is_loopback(_hostname(request.headers.get("host", ""))):
            raise not_from_here()
        return Caller("", as_upstream_reads(given_headers(request), is_azure=self._is_azure))


class PassThrough:
    """Each caller's own upstream key, with its organisation and project, is a tenant.

    Args:
        secret: a tenant's name cannot be computed from a key without it.
        check: says whether the upstream takes the key; given a tenant's name and headers. Raises Refused.
    """

    def __init__(self, secret: bytes, check: Callable[[str, Headers], Awaitable[None]], *, is_azure: bool) -> None:
        self._secret = secret
        self._check = check
        self._is_azure = is_azure

    async def caller(self, request: HTTPConnection) -> Caller:
        given = given_headers(request)
        keys = list(dict.fromkeys(key for key in (_bearer(given), given.get("api-key", "")) if key))
        if not keys:
            raise no_key()
        if any(_changes(key) for key in keys):
            raise changing_key()
        headers = as_upstream_reads(given, is_azure=self._is_azure)
        whose = [given.get(name, "") for name in ("openai-organization", "openai-project")]
        tenant = hmac.new(self._secret, json.dumps([keys, *whose]).encode(), hashlib.sha256).hexdigest()
        await self._check(tenant, headers)
        return Caller(tenant, headers)


class Gateway:
    """Client keys of this server's, each of which stands for a tenant; an upstream key of the server's pays.

    Args:
        upstream_key: for tenants without one of their own.
        more: headers for the upstream, such as the organisation's.
    """

    def __init__(self, keys: ClientKeys, upstream_key: str, more: Headers, *, is_azure: bool, shares_objects: bool) -> None:
        self._keys = keys
        self._upstream_key = upstream_key
        self._more = more
        self._is_azure = is_azure
        self._shares_objects = shares_objects

    async def caller(self, request: HTTPConnection) -> Caller:
        given = given_headers(request)
        key = _bearer(given) or given.get("api-key", "")
        if not key:
            raise no_key()
        client = self._keys.client_of(key)
        if client is None:
            raise wrong_key()
        kept = ((name, value) for name, value in given.items() if name not in _CREDENTIALS)
        credentials = _credentials(client.upstream_key or self._upstream_key, is_azure=self._is_azure)
        more = () if client.upstream_key else self._more  # they belong to the server's own key
        return Caller(client.tenant, (*kept, *credentials, *more), self._keys.sharing(client) and not self._shares_objects)


def as_upstream_reads(headers: Mapping[str, str], *, is_azure: bool) -> Headers:
    """The same key in the header where this upstream looks for it: Azure's SDKs give it as `api-key`, OpenAI's as a bearer's."""
    given = dict(headers)
    bearer = given.get("authorization", "")
    if is_azure and bearer[:7].lower() == "bearer " and "api-key" not in given and not _changes(bearer[7:]):
        del given["authorization"]
        given.update(_credentials(bearer[7:].strip(), is_azure=True))
    elif not is_azure and "api-key" in given and not bearer:
        given.update(_credentials(given.pop("api-key"), is_azure=False))
    return tuple(given.items())


def given_headers(request: HTTPConnection) -> dict[str, str]:
    """A request's headers, of one given twice the last, in a form from which `encode("utf-8", "surrogateescape")` gives their bytes."""
    return {name.decode("latin-1").lower(): value.decode("utf-8", "surrogateescape") for name, value in request.headers.raw}


def _credentials(key: str, *, is_azure: bool) -> Headers:
    return (("api-key", key),) if is_azure else (("authorization", f"Bearer {key}"),)


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _changes(key: str) -> bool:
    """Whether it is a JSON Web Token, which is replaced every hour or so."""
    return key.startswith("eyJ") and key.count(".") == 2


def _hostname(host: str) -> str:
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
