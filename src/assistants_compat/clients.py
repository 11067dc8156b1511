"""The SDK's clients under their own names: `from assistants_compat import OpenAI`.

Each class is the SDK's, with one more optional argument, `compat`: how to answer, as `Settings` or as the store alone. Their settings are,
in this order: `compat`; for a copy, those of the client it was copied from; those the given http client is answered with already; those
of `install()`; those of the environment.

The signatures below are the newest SDK's, for type checkers and editors; an older SDK refuses what it does not have yet.
"""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import openai

from assistants_compat import seam
from assistants_compat.installation import AttachesItself, installed_settings
from assistants_compat.settings import Settings
from assistants_compat.wrapping import settings_from, wrap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from os import PathLike

    from openai import DEFAULT_MAX_RETRIES, NOT_GIVEN, DataResidency, DefaultAsyncHttpxClient, DefaultHttpxClient, NotGiven, Timeout
    from openai._base_client import URL  # type: ignore[attr-defined]  # that of httpx or httpx2, as the SDK uses it
    from openai._provider import _Provider
    from openai.auth import WorkloadIdentity, X509WorkloadIdentity
    from openai.lib.azure import AsyncAzureADTokenProvider, AzureADTokenProvider

__all__ = ["AsyncAzureOpenAI", "AsyncClient", "AsyncOpenAI", "AzureOpenAI", "Client", "OpenAI"]

_copied_from: ContextVar[tuple[type, Settings | None] | None] = ContextVar("assistants_compat_copied_from", default=None)


class _Answered(AttachesItself):
    """What the four classes add to the SDK's. Type checkers do not see it: to them, nothing but `__init__` changes."""

    if not TYPE_CHECKING:

        def copy(self, **options):
            """As the SDK's, and the copy is answered with the same settings, whatever http client or base URL it is given."""
            token = _copied_from.set((type(self), seam.settings_of(self)))
            try:
                return super().copy(**options)
            finally:
                _copied_from.reset(token)

        with_options = copy

        @property
        def base_url(self):
            return super().base_url

        @base_url.setter
        def base_url(self, url):
            settings = seam.settings_of(self)
            super(_Answered, type(self)).base_url.fset(self, url)
            wrap(self, settings)


def _constructor(client_class: type) -> Any:
    """An `__init__` as the SDK's class has it, with `compat` added. It calls whichever class comes next, for subclasses' sake."""

    def __init__(self: Any, *args: Any, compat: Settings | str | PathLike[str] | None = None, **kwargs: Any) -> None:
        super(_Answered, self).__init__(*args, **kwargs)
        wrap(self, _settings_for(self, compat))

    signature = inspect.signature(client_class.__init__)  # type: ignore[misc]
    compat = inspect.Parameter("compat", inspect.Parameter.KEYWORD_ONLY, default=None, annotation="Settings | str | None")
    __init__.__signature__ = signature.replace(parameters=[*signature.parameters.values(), compat])  # type: ignore[attr-defined]
    __init__.__doc__ = client_class.__init__.__doc__  # type: ignore[misc]
    return __init__


def _settings_for(client: openai.OpenAI | openai.AsyncOpenAI, compat: Settings | str | PathLike[str] | None) -> Settings | None:
    if compat is not None:
        return settings_from(compat)
    origin = _copied_from.get()
    if origin is not None and origin[0] is type(client) and origin[1] is not None:
        return origin[1]
    return None if seam.settings_of(client) is not None else installed_settings()


class OpenAI(_Answered, openai.OpenAI):
    """`openai.OpenAI`, with its Assistants requests answered locally."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            api_key: str | Callable[[], str] | None = None,
            admin_api_key: str | None = None,
            workload_identity: WorkloadIdentity | X509WorkloadIdentity | None = None,
            organization: str | None = None,
            project: str | None = None,
            webhook_secret: str | None = None,
            provider: _Provider | None = None,
            base_url: str | URL | NotGiven | None = NOT_GIVEN,
            data_residency: DataResidency | None = None,
            websocket_base_url: str | URL | None = None,
            timeout: float | Timeout | NotGiven | None = NOT_GIVEN,
            max_retries: int = DEFAULT_MAX_RETRIES,
            default_headers: Mapping[str, str] | None = None,
            default_query: Mapping[str, object] | None = None,
            http_client: DefaultHttpxClient | None = None,
            _strict_response_validation: bool = False,
            _enforce_credentials: bool = True,
            compat: Settings | str | PathLike[str] | None = None,
        ) -> None: ...

    else:
        __init__ = _constructor(openai.OpenAI)


class AsyncOpenAI(_Answered, openai.AsyncOpenAI):
    """`openai.AsyncOpenAI`, with its Assistants requests answered locally."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            api_key: str | Callable[[], Awaitable[str]] | None = None,
            admin_api_key: str | None = None,
            workload_identity: WorkloadIdentity | X509WorkloadIdentity | None = None,
            organization: str | None = None,
            project: str | None = None,
            webhook_secret: str | None = None,
            provider: _Provider | None = None,
            base_url: str | URL | NotGiven | None = NOT_GIVEN,
            data_residency: DataResidency | None = None,
            websocket_base_url: str | URL | None = None,
            timeout: float | Timeout | NotGiven | None = NOT_GIVEN,
            max_retries: int = DEFAULT_MAX_RETRIES,
            default_headers: Mapping[str, str] | None = None,
            default_query: Mapping[str, object] | None = None,
            http_client: DefaultAsyncHttpxClient | None = None,
            _strict_response_validation: bool = False,
            _enforce_credentials: bool = True,
            compat: Settings | str | PathLike[str] | None = None,
        ) -> None: ...

    else:
        __init__ = _constructor(openai.AsyncOpenAI)


class AzureOpenAI(_Answered, openai.AzureOpenAI):
    """`openai.AzureOpenAI`, with its Assistants requests answered locally."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            api_version: str | None = None,
            azure_endpoint: str | None = None,
            azure_deployment: str | None = None,
            api_key: str | Callable[[], str] | None = None,
            admin_api_key: str | None = None,
            workload_identity: WorkloadIdentity | X509WorkloadIdentity | None = None,
            azure_ad_token: str | None = None,
            azure_ad_token_provider: AzureADTokenProvider | None = None,
            organization: str | None = None,
            project: str | None = None,
            webhook_secret: str | None = None,
            websocket_base_url: str | URL | None = None,
            base_url: str | None = None,
            timeout: float | Timeout | NotGiven | None = NOT_GIVEN,
            max_retries: int = DEFAULT_MAX_RETRIES,
            default_headers: Mapping[str, str] | None = None,
            default_query: Mapping[str, object] | None = None,
            http_client: DefaultHttpxClient | None = None,
            _strict_response_validation: bool = False,
            _enforce_credentials: bool = True,
            compat: Settings | str | PathLike[str] | None = None,
        ) -> None: ...

    else:
        __init__ = _constructor(openai.AzureOpenAI)


class AsyncAzureOpenAI(_Answered, openai.AsyncAzureOpenAI):
    """`openai.AsyncAzureOpenAI`, with its Assistants requests answered locally."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            azure_endpoint: str | None = None,
            azure_deployment: str | None = None,
            api_version: str | None = None,
            api_key: str | Callable[[], Awaitable[str]] | None = None,
            admin_api_key: str | None = None,
            workload_identity: WorkloadIdentity | X509WorkloadIdentity | None = None,
            azure_ad_token: str | None = None,
            azure_ad_token_provider: AsyncAzureADTokenProvider | None = None,
            organization: str | None = None,
            project: str | None = None,
            webhook_secret: str | None = None,
            base_url: str | None = None,
            websocket_base_url: str | URL | None = None,
            timeout: float | Timeout | NotGiven | None = NOT_GIVEN,
            max_retries: int = DEFAULT_MAX_RETRIES,
            default_headers: Mapping[str, str] | None = None,
            default_query: Mapping[str, object] | None = None,
            http_client: DefaultAsyncHttpxClient | None = None,
            _strict_response_validation: bool = False,
            _enforce_credentials: bool = True,
            compat: Settings | str | PathLike[str] | None = None,
        ) -> None: ...

    else:
        __init__ = _constructor(openai.AsyncAzureOpenAI)


Client = OpenAI
AsyncClient = AsyncOpenAI
