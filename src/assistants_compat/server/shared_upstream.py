"""What tenants may ask of an upstream account that they share: what it computes, not what it keeps.

Its files, vector stores, containers and batches belong to the account, and whoever may list or delete one may do so with all.
"""

from __future__ import annotations

import re

_OPEN = {
    "GET": re.compile(r"/models(/[^/]+)?"),
    "POST": re.compile(
        r"/(chat/completions|completions|embeddings|moderations|responses|responses/input_tokens|audio/(speech|transcriptions|translations)"
        r"|images/(generations|edits|variations))"
    ),
}


def is_open(method: str, path: str) -> bool:
    """`path` is below the base URL, still encoded."""
    return method in _OPEN and _OPEN[method].fullmatch(path) is not None
