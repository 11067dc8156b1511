"""examples/curl.sh, run as it is printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assistants_compat.api import _ROUTES
from assistants_compat.testing import CodeInterpreter, FunctionCall, OfflineUpstream, Text, Turn

from .conftest import Serve

SCRIPT = Path(__file__).parents[2] / "examples" / "curl.sh"


@pytest.mark.slow
def test_every_endpoint_is_asked_with_curl_and_answers(serve: Serve, upstream: OfflineUpstream) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl and bash are not on this machine")
    upstream.script(
        Turn(CodeInterpreter("save()", files={"numbers.csv": b"1,2,3\n"}), Text("Here: sandbox:/mnt/data/numbers.csv")),
        Turn(FunctionCall("get_weather", {"city": "Oslo"})),
        "It is sunny.",
        "You are welcome.",
        Turn(FunctionCall("get_weather", {"city": "Oslo"})),
    )
    served = serve()
    environment = {**os.environ, "OPENAI_BASE_URL": f"{served.url}/v1", "OPENAI_API_KEY": "sk-test", "NO_PROXY": "*"}
    done = subprocess.run(["bash", str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in ("run: completed", "run: requires_action", "1,2,3", "event: thread.message.delta", "You are welcome.", "cancelling"):
        assert shown in done.stdout, done.stdout
    metrics = served.ask("GET", "/metrics").text
    asked = set(re.findall(r'^assistants_compat_requests_total\{method="(\w+)",route="([^"]+)",status="200"\}', metrics, re.M))
    every = {(method, "/" + "/".join(pattern)) for pattern, methods in _ROUTES.items() for method in methods}
    assert asked == every | {("GET", "upstream")}  # that is /models
