"""Where the generated module goes, and how it is imported: so that the program finds it when it runs as it did."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.codemods.cases import outcome_of, rewritten

from assistants_codemods.migration import Options

pytestmark = pytest.mark.long

_SERVICE = """from openai import OpenAI

client = OpenAI(api_key="none")


def answer(thread_id, assistant_id):
    run = client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id)
    print(run.status)
"""


@pytest.mark.parametrize(
    ("files", "started"),
    [
        pytest.param({"app.py": _SERVICE}, "import app", id="a script"),
        pytest.param({"app/__init__.py": "", "app/service.py": _SERVICE}, "import app.service", id="a package"),
        pytest.param({"app/__init__.py": "", "app/services/chat.py": _SERVICE}, "import app.services.chat", id="a folder in a package"),
        pytest.param({"scripts/chat.py": _SERVICE}, "import sys; sys.path.insert(0, 'scripts'); import chat", id="a folder of scripts"),
        pytest.param(
            {"src/app/__init__.py": "", "src/app/chat.py": _SERVICE, "main.py": "from src.app import chat\n"},
            "import main",
            id="imported from the root",
        ),
        pytest.param(
            {
                "app/__init__.py": "from .a import chat\n",
                "app/a/__init__.py": "",
                "app/a/chat.py": _SERVICE,
                "app/b/__init__.py": "",
                "app/b/more.py": f"from ..a import chat\n{_SERVICE}",
            },
            "import app, app.b.more",
            id="two folders of a package",
        ),
        pytest.param(
            {"shop/__init__.py": "", "shop/helper.py": "HELP = 1\n", "shop/chat.py": f"from shop.helper import HELP\n{_SERVICE}"},
            "import shop.chat",
            id="absolute imports in a package",
        ),
    ],
)
def test_a_program_finds_the_generated_module(files: dict[str, str], started: str, tmp_path: Path) -> None:
    after = rewritten(files, outcome_of(files, Options(target="responses", today=date(2026, 11, 28))))
    assert any(path.endswith("assistants_config.py") for path in after)
    for path, text in after.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    done = subprocess.run([sys.executable, "-c", started], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
