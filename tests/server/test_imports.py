"""What is imported with what."""

from __future__ import annotations

import subprocess
import sys


def test_the_package_by_itself_imports_nothing_of_the_server() -> None:
    code = "import sys, assistants_compat.api; print([m for m in ('starlette', 'uvicorn', 'prometheus_client') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


def test_without_the_extra_the_command_says_what_to_install() -> None:
    code = "import sys; sys.modules['starlette'] = None; from assistants_compat.cli import main; main(['serve'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "pip install assistants-compat[server]" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
