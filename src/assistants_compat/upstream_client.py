"""A client of the upstream itself, for commands that ask it: as the environment says, in the SDK's own variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistants_compat.settings import without_password

if TYPE_CHECKING:
    import openai

OPENAI = "https://api.openai.com/v1"


def has_key(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("OPENAI_API_KEY") or environ.get("AZURE_OPENAI_API_KEY"))


def base_url_of(environ: Mapping[str, str]) -> str:
    """The upstream's base URL. With a key of Azure's alone it is the v1 API of the resource that AZURE_OPENAI_ENDPOINT names."""
    if environ.get("OPENAI_BASE_URL"):
        return environ["OPENAI_BASE_URL"].rstrip("/")
    endpoint = environ.get("AZURE_OPENAI_ENDPOINT")
    if endpoint and not environ.get("OPENAI_API_KEY"):
        return f"{endpoint.rstrip('/')}/openai/v1"
    return OPENAI


def name_of(environ: Mapping[str, str]) -> str:
    """What the upstream is called where things are kept by it: its base URL, without a password, and the project, where it is named."""
    project = environ.get("OPENAI_PROJECT_ID")
    return without_password(base_url_of(environ)) + (f"#{project}" if project else "")


def host_of(base_url: str) -> str:
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:
        return ""


def upstream_client(environ: Mapping[str, str], **options: Any) -> openai.OpenAI:
    """A client that is not answered here: what it sends goes to the upstream.

    Args:
        options: of the client's constructor; `api_key` and `base_url` come from the environment.

    Raises:
        ValueError: the base URL is none.
    """
    from openai import OpenAI, OpenAIError

    key = environ.get("OPENAI_API_KEY") or environ.get("AZURE_OPENAI_API_KEY") or "none"
    base_url = base_url_of(environ)
    if urlsplit(base_url).scheme not in ("http", "https") or not host_of(base_url):
        raise ValueError("OPENAI_BASE_URL is not a URL such as https://api.openai.com/v1.")
    own = {"organization": environ.get("OPENAI_ORG_ID") or None, "project": environ.get("OPENAI_PROJECT_ID") or None}
    try:
        return OpenAI(**{"api_key": key, "base_url": base_url, **own, **options})
    except OpenAIError as error:
        raise ValueError(str(error)) from error
