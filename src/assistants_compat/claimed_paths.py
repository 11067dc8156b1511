"""Which requests below an API's base URL may be answered here: those on an Assistants path, or for a file that may be one of the code
interpreter's. The api has the last word: it passes on the files that it does not know."""

from __future__ import annotations

import re

# What can be asked of files that the code interpreter made. Uploads never come by here.
_FILES = {"GET": re.compile(r"/files(/[^/]+(/content)?)?"), "DELETE": re.compile(r"/files/[^/]+")}


def may_be_ours(method: str, path: str) -> bool:
    """Whether a request is one for the api. `path` is below the base URL, with a slash in front, still encoded."""
    if path.split("/", 2)[1] in ("assistants", "threads"):
        return True
    return method in _FILES and _FILES[method].fullmatch(path) is not None
