"""How much of what is drawn at random is tried: a part of it in `make test`, all of it in `make test-postgres`; CI runs both."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("ASSISTANTS_COMPAT_TEST_EXAMPLES") == "all"


def examples(most: int) -> int:
    """How many of `most` examples are tried."""
    return most if THOROUGH else max(10, most * 3 // 10)
