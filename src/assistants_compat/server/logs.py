"""Logs as JSON, a line each, with the ids of the request and the run that they are about."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import datetime, timezone
from typing import Any, TextIO

request_id_of: ContextVar[str] = ContextVar("assistants_compat_request_id", default="")
run_id_of: ContextVar[str] = ContextVar("assistants_compat_run_id", default="")

# Keys are not logged in the first place; this is for the words of others, such as an upstream's errors.
_KEYS = re.compile(r"(?i)\b(sk-[\w*-]{4,}|bearer\s+[\w.~+/*-]{4,}|api[-_]key['\"]?\s*[:=]\s*['\"]?[\w*-]{4,})")


class JsonLines(logging.Formatter):
    """What a record has in `extra={"fields": {…}}` becomes fields of its line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, variable in (("request_id", request_id_of), ("run_id", run_id_of)):
            if variable.get():
                line[name] = variable.get()
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _KEYS.sub("[redacted]", json.dumps(line, ensure_ascii=False, default=str))


def log_json(level: str, stream: TextIO | None = None) -> None:
    """Send the process's logs to `stream` (stderr unless given) in this form."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # A line for every model call, with its URL; alembic's and uvicorn's say nothing that is not said here.
    for name in ("httpx", "httpcore", "alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
