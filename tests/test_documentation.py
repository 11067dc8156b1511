"""What README and docs print for people to copy runs as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from assistants_compat.testing import OfflineUpstream

ROOT = Path(__file__).parents[1]
SNIPPETS = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, block in enumerate(re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.S | re.M))
    if not block.startswith("# ")  # a file of a project: those of docs/testing.md are run by tests/plugin
]


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_runs_as_printed(snippet: str, tmp_path: Path) -> None:
    if "assistants_compat.server" in snippet:
        pytest.importorskip("starlette", reason="the extra [server] is not installed")
    if "conversation=" in snippet and not hasattr(openai.OpenAI, "conversations"):
        pytest.skip("this SDK has no conversations")
    (tmp_path / "snippet.py").write_text(snippet)
    with OfflineUpstream().serve() as base_url:
        environment = os.environ | {
            "OPENAI_BASE_URL": base_url,
            "OPENAI_API_KEY": "sk-test",
            "ASSISTANTS_COMPAT_STORE": str(tmp_path / "store.db"),
        }
        done = subprocess.run(
            [sys.executable, "snippet.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr


def test_the_readme_names_only_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text())
    assert named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.M)] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))])
def test_links_between_the_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text())
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
