"""What this project knows of a model by its name: whether it reasons. Pure.

A name that says nothing (an Azure deployment, a fine-tune of something new) is taken for a reasoning one: asking too much
of it costs one refused request, after which `recovery` remembers; asking too little would lose its reasoning.
"""

from __future__ import annotations

import re

_WITHOUT_REASONING = re.compile(r"^(ft:)?(gpt-3\.5|gpt-4|chatgpt-4o|gpt-5[0-9.]*-chat|davinci|babbage)")


def reasons(model: str) -> bool:
    """Whether `model` is to be asked for its reasoning items."""
    return _WITHOUT_REASONING.match(model) is None
