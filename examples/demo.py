"""`make demo`: runs tutor.py, unchanged, through assistants-compat; against OpenAI where there is a key, else offline.

The model it names is gone: `--models recommended` sends what OpenAI recommends instead.
"""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from assistants_compat.settings import Settings
from assistants_compat.store.database import store_url
from assistants_compat.testing import OfflineUpstream

PROGRAM = Path(__file__).with_name("tutor.py")


def main() -> int:
    key = os.environ.get("OPENAI_API_KEY")
    upstream = nullcontext(None) if key else OfflineUpstream().serve()
    with upstream as base_url:
        environment = dict(os.environ)
        if base_url is None:
            where = os.environ.get("OPENAI_BASE_URL") or "OpenAI"
        else:
            where = "the offline upstream on this machine (set OPENAI_API_KEY to use OpenAI)"
            environment |= {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-offline"}
        for label, value in (
            ("program", f"{PROGRAM.name}, which imports nothing but openai"),
            ("models", where),
            ("store", str(store_url(Settings.from_environment().store).database)),
        ):
            click.echo(f"{click.style(f'{label:8}', bold=True)} {value}")
        click.echo()
        command = [
            sys.executable,
            "-W",
            "ignore::DeprecationWarning",
            "-m",
            "assistants_compat",
            "run",
            "--models",
            "recommended",
            str(PROGRAM),
        ]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
