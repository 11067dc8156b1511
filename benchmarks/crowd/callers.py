"""`python -m benchmarks.crowd.callers ORDERS`: the same requests again and again on connections that stay open.

ORDERS is a JSON file: `seconds`, and of each connection in `calls` the base URL, a path and a body. The result is JSON: how many requests
were answered in a second.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


async def call(where: str, path: str, body: Any, until: float) -> int:
    """How often it was answered with 200. Raises RuntimeError for another answer."""
    url = urlsplit(where)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    content = json.dumps(body).encode()
    head = [
        f"POST {url.path}{path} HTTP/1.1",
        f"host: {url.hostname}:{url.port}",
        "authorization: Bearer sk-test",
        "openai-beta: assistants=v2",
        "content-type: application/json",
        f"content-length: {len(content)}",
    ]
    request = "\r\n".join([*head, "", ""]).encode() + content
    answered = 0
    while time.monotonic() < until:
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(answer)
        body = await reader.readexactly(int(length.group(1)) if length else 0)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path} was answered with {answer!r} {body!r}")
        answered += 1
    writer.close()
    return answered


async def main(seconds: float, calls: list[tuple[str, str, Any]]) -> float:
    began = time.monotonic()
    answered = await asyncio.gather(*(call(*each, until=began + seconds) for each in calls))
    return sum(answered) / (time.monotonic() - began)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(**json.loads(Path(sys.argv[1]).read_text())))))
