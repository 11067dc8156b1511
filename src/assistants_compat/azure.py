"""What tells Azure OpenAI from OpenAI, and where it has what."""

from __future__ import annotations

import re

HOSTS = (".openai.azure.com", ".openai.azure.us", ".openai.azure.cn", ".cognitiveservices.azure.com",
         ".cognitiveservices.azure.us", ".cognitiveservices.azure.cn", ".services.ai.azure.com")  # fmt: skip

# https://name.openai.azure.com/openai, …/openai/v1, …/openai/deployments/name
_BASE = re.compile(r"/openai(/v1|/deployments/[^/]+)?$")


def is_azure_host(host: str) -> bool:
    return host.endswith(HOSTS)


def v1_path(base_path: str) -> str:
    """Where Azure has the Responses API, whatever path of it the Assistants API was at."""
    return _BASE.sub("/openai/v1", base_path)
