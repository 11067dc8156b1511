"""The official npm package, version 6, on this machine's Node: programs that know nothing of the server but its URL."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import CodeInterpreter, FunctionCall, OfflineUpstream, Text, Turn, png

from .conftest import Serve

pytestmark = [pytest.mark.node, pytest.mark.slow]

PROGRAMS = Path(__file__).with_name("node")
PACKAGE = "openai@6"

Node = Callable[..., Any]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs and the package, from npm's registry."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not on this machine")
    folder = tmp_path_factory.mktemp("node")
    for program in PROGRAMS.glob("*.mjs"):
        shutil.copy(program, folder)
    (folder / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    if done.returncode != 0:
        pytest.fail(f"npm could not install {PACKAGE}: {done.stderr or done.stdout}")
    version = json.loads((folder / "node_modules/openai/package.json").read_text())["version"]
    assert version.startswith("6."), version
    return folder


@pytest.fixture
def node(installed: Path, serve: Serve) -> Node:
    """Runs a program before a new server; → what it printed."""

    def run(program: str, **settings: Any) -> Any:
        environment = {**os.environ, "OPENAI_BASE_URL": f"{serve(**settings).url}/v1", "OPENAI_API_KEY": "sk-test"}
        environment.pop("NODE_OPTIONS", None)
        done = subprocess.run(["node", program], cwd=installed, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_a_run_is_created_and_polled(node: Node, upstream: OfflineUpstream) -> None:
    upstream.script("x = 1")
    shown = node("poll.mjs")
    assert (shown["status"], shown["usage"]) == ("completed", True)
    assert shown["texts"] == ["user: Solve 3x + 11 = 14.", "assistant: x = 1"]
    assert shown["error"].pop("requestID").startswith("req_")
    assert shown["error"] == {"name": "NotFoundError", "status": 404, "message": "No thread found with id 'thread_missing'."}


@pytest.mark.parametrize("keep_alive", [15.0, 0.001], ids=["usual", "full of comments"])
def test_the_streaming_helper_emits_its_named_events(keep_alive: float, node: Node, upstream: OfflineUpstream) -> None:
    upstream.script(Text("One two three", chunks=("One", " two", " three")))
    upstream.model_time = 0.05
    shown = node("stream.mjs", keep_alive=keep_alive)
    assert (shown["status"], shown["text"], shown["deltas"]) == ("completed", "One two three", ["One", " two", " three"])
    assert shown["callbacks"] == [
        "connect",
        "runStepCreated",
        "messageCreated",
        "textCreated",
        "textDone",
        "messageDone",
        "runStepDone",
        "end",
    ]
    assert (shown["events"][0], shown["events"][-1]) == ("thread.run.created", "thread.run.completed")


def test_function_outputs_are_submitted_and_streamed_on(node: Node, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(FunctionCall("get_weather", {"city": "Oslo"})), "It is sunny.")
    shown = node("tools.mjs")
    assert shown["asked"] == [{"name": "get_weather", "arguments": {"city": "Oslo"}}]
    assert shown["rounds"] == ["thread.run.requires_action", "thread.run.completed"]
    assert (shown["text"], shown["status"]) == ("It is sunny.", "completed")


def test_files_go_up_and_what_code_made_comes_down(node: Node, upstream: OfflineUpstream) -> None:
    upstream.script(Turn(CodeInterpreter("plot()", files={"plot.png": png()}), Text("Here: sandbox:/mnt/data/plot.png")))
    shown = node("files.mjs")
    assert base64.b64decode(shown["bytes"]) == png()
    assert (shown["status"], shown["filename"], shown["purpose"]) == ("completed", "/mnt/data/plot.png", "assistants_output")
    assert shown["files"] == ["data.csv"]
