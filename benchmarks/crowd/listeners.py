"""`python -m benchmarks.crowd.listeners ORDERS`: a stream on each of many connections at once, and how old each word is when it is read.

ORDERS is a JSON file: `url`, the base URL, and a path and a body for each of `requests`. The result is JSON: seconds from asking to the
first word, and the age of each later one, of all streams together; and how many streams came to their end.
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

_SAID = re.compile(rb'"(?:value|delta)": ?"(\d+\.\d+) "')
_ENDS = (b"event: thread.run.completed", b"event: response.completed")


class Heard:
    def __init__(self) -> None:
        self.first: list[float] = []
        self.ages: list[float] = []
        self.completed = 0


async def listen(url: Any, path: str, body: Any, heard: Heard) -> None:
    reader, writer = await asyncio.open_connection(url.hostname, url.port, limit=1 << 20)
    content = json.dumps(body).encode()
    head = [
        f"POST {url.path}{path} HTTP/1.1",
        f"host: {url.hostname}:{url.port}",
        "authorization: Bearer sk-test",
        "openai-beta: assistants=v2",
        "content-type: application/json",
        f"content-length: {len(content)}",
        "connection: close",
    ]
    asked = time.monotonic()
    writer.write("\r\n".join([*head, "", ""]).encode() + content)
    words = 0
    async for line in reader:
        if line.startswith(_ENDS):
            heard.completed += 1
            break
        if b"delta" in line and (said := _SAID.search(line)):
            now = time.monotonic()
            words += 1
            if words == 1:
                heard.first.append(now - asked)
            else:
                heard.ages.append(now - float(said.group(1)))
    writer.close()


async def main(url: str, requests: list[tuple[str, Any]]) -> Heard:
    heard, address = Heard(), urlsplit(url)
    await asyncio.gather(*(listen(address, path, body, heard) for path, body in requests))
    return heard


if __name__ == "__main__":
    print(json.dumps(vars(asyncio.run(main(**json.loads(Path(sys.argv[1]).read_text()))))))
